import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Api } from '../../src/disk-api/api.ts';
import { readRevision } from '../../src/disk-api/disk.ts';
import { readResource } from '../../src/disk-api/folder-listing.ts';
import { type StandIn, startStandIn } from '../stand-in/index.ts';

describe('whether the Disk can be worked with', () => {
  let disk: StandIn;
  let api: Api;

  beforeEach(async () => {
    disk = await startStandIn();
    const tokens = { accessToken: async () => disk.token };
    api = new Api({ url: new URL(disk.apiUrl), tokens, ratePerSecond: 0 });
  });

  afterEach(async () => {
    api.close();
    await disk.close();
  });

  it('is known by the last request, and a refusal is an answer', async () => {
    expect(api.reach).toBe('online');
    disk.wire.cut({ fresh: 'reset', existing: 'rst' });
    await expect(readRevision(api)).rejects.toMatchObject({ code: 'offline' });
    expect(api.reach).toBe('offline');
    // Nobody knows more because somebody gave up.
    const leaving = new AbortController();
    leaving.abort();
    await expect(readRevision(api, { signal: leaving.signal })).rejects.toMatchObject({ code: 'aborted' });
    expect(api.reach).toBe('offline');

    await disk.wire.restore();
    await api.contact.untilBack(new AbortController().signal);
    await expect(readResource(api, 'disk:/nowhere')).rejects.toMatchObject({ code: 'not-found' });
    expect(api.reach).toBe('online');

    disk.control.revokeAllTokens();
    await expect(readRevision(api)).rejects.toMatchObject({ code: 'login-needed' });
    expect(api.reach).toBe('login-needed');
  }, 30_000);
});

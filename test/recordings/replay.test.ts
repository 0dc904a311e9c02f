import { beforeAll, describe, expect, it } from 'vitest';
import { notCompared, notReplayed } from './exceptions.ts';
import { loadRecording, loadRecordings } from './load.ts';
import { type Replayed, replay } from './replay.ts';

const recordings = loadRecordings();
const excepted = (recording: string, number: number) =>
  notReplayed.some((entry) => entry.recording === recording && entry.number === number);

describe('the stand-in answers as the real service was recorded to', () => {
  const results = new Map<string, readonly Replayed[]>();

  beforeAll(async () => {
    for (const recording of recordings) results.set(recording.name, await replay(recording));
  });

  it.each(recordings)('$name', ({ name, exchanges }) => {
    const replayed = results.get(name) ?? [];
    expect(replayed).toHaveLength(exchanges.length);
    const different = replayed.filter(({ differences }) => differences.length > 0);
    expect(different.filter(({ number }) => !excepted(name, number))).toEqual([]);
    // What is replayed after all has no place in the table.
    const same = replayed.filter(({ differences }) => differences.length === 0);
    expect(same.filter(({ number }) => excepted(name, number))).toEqual([]);
  });

  it('all but those that the table gives a reason for', () => {
    const total = recordings.reduce((sum, { exchanges }) => sum + exchanges.length, 0);
    const lines = [
      `${total - notReplayed.length} of ${total} recorded exchanges replayed, ${notReplayed.length} not`,
      ...notReplayed.map(({ recording, number, reason }) => `  ${recording} ${number}: ${reason}`),
      'Not compared, or by its shape:',
      ...notCompared.map(([what, why]) => `  ${what}: ${why}`),
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
    expect({ recordings: recordings.length, total, not: notReplayed.length }).toEqual({
      recordings: 40,
      total: 427,
      not: 0,
    });
  });
});

describe('a stand-in that answers otherwise is noticed', () => {
  it.each([
    ['auth', { refreshKeepsAccessToken: false }, /access_token: ACCESS-TOKEN-1 was/],
    ['auth', { refreshTokenRotates: false }, /refresh_token: .* stood for/],
    ['auth', { clientSecret: 'other' }, /status: 400/],
    ['copy', { operationHref: 'query' }, /href: not the layout .* \(operation\)/],
    ['copy', { downloadLinkLifeMs: 3600_000 }, /file: lives for 3600 s/],
    ['device_code_auth', { devicePollIntervalMs: 6000 }, /interval: 6, recorded 5/],
    ['download_by_link_error', { deadLinkStatus: 410 }, /status: 410, recorded 500/],
    ['get_disk_info', { totalSpaceBytes: 1 }, /total_space: 1, recorded 45097156608/],
    ['get_files', { filesOrder: 'name' }, /items\[0\]\.name/],
    ['is_file', { uploadAnswer: 202 }, /status: 202, recorded 201/],
    ['listdir_with_limits', { maxLimit: 0 }, /items: 0 items, recorded 1/],
    ['publish_unpublish', { publishMovesRevision: false }, /revision: it grew .* here it stayed/],
    ['restore_trash', { nameMax: 15 }, /status: 400, recorded 201/],
  ] as const)('%s with %j', async (name, settings, difference) => {
    const replayed = await replay(loadRecording(name), settings);
    const differences = replayed.flatMap((exchange) => exchange.differences).join('\n');
    expect(differences).toMatch(difference);
  });
});

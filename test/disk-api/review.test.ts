import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Downloads } from '../../src/disk-api/downloads.ts';
import { readResource } from '../../src/disk-api/folder-listing.ts';
import { deleteResource } from '../../src/disk-api/resources.ts';
import { moveResource } from '../../src/disk-api/transfers.ts';
import { deleteTrashed, restoreTrashed } from '../../src/disk-api/trash.ts';
import { uploadFile } from '../../src/disk-api/upload.ts';
import { closeLater } from '../close-later.ts';
import { clientOf } from './client.ts';
import { type Asked, json, refused, scriptedServer } from './scripted-server.ts';

const path = 'disk:/a.bin';
const hello = Buffer.from('hello');
const shown = { name: 'a.bin', type: 'file', path, size: 5, md5: '5d41402abc4b2a76b9719d911017c592' };

/** A Disk that took the bytes of an upload with `status` and knows nothing of its operation. */
function forgetful(status: number, isThere: boolean) {
  return (origin: () => string) => (asked: Asked) => {
    if (asked.method === 'PUT') return { status };
    if (asked.path === '/resources/upload')
      return json(200, { href: `${origin()}/put`, operation_id: 'forgotten' });
    if (asked.path.startsWith('/operations/')) return refused(404, 'DiskOperationNotFoundError');
    return isThere ? json(200, shown) : refused(404, 'DiskNotFoundError');
  };
}

describe.concurrent('an upload whose operation was forgotten', () => {
  it.each([
    [202, true, 'stored'],
    [202, false, 'in-doubt'],
    [201, false, 'stored'],
  ])(
    'after %i, with the file there: %s, is %s',
    async (status, isThere, end) => {
      let origin = '';
      const server = await scriptedServer(forgetful(status, isThere)(() => origin));
      origin = server.origin;
      const upload = uploadFile(clientOf(server.apiUrl), {
        path,
        overwrite: false,
        sizeBytes: hello.length,
        timing: { brokenMs: () => 400 },
        open: async function* () {
          yield hello;
        },
      });
      expect(await upload.then(() => 'stored').catch((error) => error.code)).toBe(end);
      expect(server.asked.filter(({ method }) => method === 'PUT').length).toBe(1);
      expect(server.asked.filter((asked) => asked.path === '/resources').length).toBeGreaterThan(0);
    },
    20_000,
  );
});

describe.concurrent('uploads that wait for their turn', () => {
  it('have asked for no link and opened nothing, and leave nothing open when they are given up', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'yadiskfs-uploads-'));
    closeLater(() => rm(folder, { recursive: true }));
    const file = join(folder, 'source.bin');
    await writeFile(file, Buffer.alloc(200_000));
    const openFiles = async () => {
      const links = (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`));
      const targets = await Promise.allSettled(links);
      return targets.filter((target) => target.status === 'fulfilled' && target.value === file).length;
    };
    let origin = '';
    const server = await scriptedServer(({ method }) =>
      method === 'PUT' ? 'silence' : json(200, { href: `${origin}/put`, operation_id: 'o' }),
    );
    origin = server.origin;
    const api = clientOf(server.apiUrl);
    const giveUp = new AbortController();
    let opened = 0;
    const uploads = Array.from({ length: 40 }, (_, index) =>
      uploadFile(api, {
        path: `disk:/${index}`,
        overwrite: false,
        sizeBytes: 200_000,
        signal: giveUp.signal,
        open: () => {
          opened++;
          return createReadStream(file);
        },
      }).catch((error) => error.code),
    );
    await expect.poll(() => opened, { timeout: 15_000 }).toBe(32);
    expect(server.asked.filter((asked) => asked.path === '/resources/upload').length).toBe(32);
    giveUp.abort();
    const ends = await Promise.all(uploads);
    // Those whose last byte was out may be on the Disk; the eight that waited are not.
    expect(ends.slice(32)).toEqual(Array(8).fill('aborted'));
    expect(ends.filter((end) => end !== 'aborted' && end !== 'in-doubt')).toEqual([]);
    await expect.poll(openFiles).toBe(0);
  });
});

describe.concurrent('after a "come back in 25 seconds"', () => {
  it('what somebody waits for fails soon, also what was in line; what nobody waits for is held', async () => {
    const server = await scriptedServer(({ nth }) =>
      nth === 1 ? refused(429, 'TooManyRequestsError', { 'retry-after': '25' }) : json(200, shown),
    );
    const api = clientOf(server.apiUrl, { ratePerSecond: 1 });
    const startedAtMs = performance.now();
    const busy = { code: 'busy' };
    await Promise.all([
      expect(readResource(api, path)).rejects.toMatchObject(busy),
      expect(readResource(api, path)).rejects.toMatchObject(busy),
    ]);
    await expect(readResource(api, path)).rejects.toMatchObject(busy);
    expect(performance.now() - startedAtMs).toBeLessThan(1_000);
    const patient = readResource(api, path, {
      priority: 'background',
      signal: AbortSignal.timeout(300),
    });
    await expect(patient).rejects.toMatchObject({ code: 'aborted' });
    expect(server.asked.length).toBe(1);
  });
});

describe.concurrent('a file whose bytes are not to be had', () => {
  it('fails at once when it is read again, and no other does', async () => {
    const bodies = { 'content-range': 'bytes 0-4/5' };
    let origin = '';
    const server = await scriptedServer(({ path: asked, query }) => {
      if (asked === '/bad') return 'hang up';
      if (asked === '/good') return { status: 206, headers: bodies, body: hello };
      const of = query.get('path') ?? '';
      return json(200, { ...shown, path: of, file: `${origin}/${of.slice('disk:/'.length)}` });
    });
    origin = server.origin;
    const downloads = new Downloads(clientOf(server.apiUrl));
    const read = async (name: string) => {
      const content = {
        path: `disk:/${name}`,
        sizeBytes: 5,
        md5: shown.md5,
        sha256: undefined,
        versionTag: name,
        link: undefined,
      };
      const parts: Uint8Array[] = [];
      for await (const part of downloads.read(content, 0, 5, new AbortController().signal)) parts.push(part);
      return Buffer.concat(parts).toString();
    };
    const offline = { code: 'offline' };
    await expect(read('bad')).rejects.toMatchObject(offline);
    const asks = server.asked.length;
    await expect(read('bad')).rejects.toMatchObject(offline);
    expect(server.asked.length).toBe(asks);
    expect(await read('good')).toBe('hello');
  }, 15_000);
});

describe.concurrent('what would be all of the trash by another name', () => {
  it.each([
    'trash:/',
    'trash://',
    'trash:/.',
    'trash:/..',
    'trash:/a/..',
    'trash:/a/',
    'disk:/a',
  ])('%s is neither deleted nor restored', async (trashed) => {
    const server = await scriptedServer(() => ({ status: 204 }));
    const api = clientOf(server.apiUrl);
    const invalid = { code: 'invalid' };
    await expect(deleteTrashed(api, trashed)).rejects.toMatchObject(invalid);
    await expect(restoreTrashed(api, trashed)).rejects.toMatchObject(invalid);
    expect(server.asked).toEqual([]);
  });
});

describe.concurrent('a 200 with foreign JSON', () => {
  const foreign = json(200, { hello: 'I am a proxy' });

  it('leaves a move in doubt, and it is not sent again', async () => {
    const server = await scriptedServer(() => foreign);
    const moving = moveResource(clientOf(server.apiUrl), 'disk:/a', 'disk:/b');
    await expect(moving).rejects.toMatchObject({ code: 'in-doubt' });
    expect(server.asked.length).toBe(1);
  });

  it('does not pass for a deletion', async () => {
    const server = await scriptedServer(({ nth }) => (nth === 1 ? foreign : { status: 204 }));
    expect(await deleteResource(clientOf(server.apiUrl), 'disk:/a')).toBe('deleted');
    expect(server.asked.length).toBe(2);
  });
});

describe('many calls that hear one signal', () => {
  it('bring no warning', async () => {
    const server = await scriptedServer(() => json(200, shown));
    const api = clientOf(server.apiUrl);
    const warnings: string[] = [];
    const onWarning = (warning: Error) => warnings.push(warning.name);
    process.on('warning', onWarning);
    const { signal } = new AbortController();
    await Promise.all(Array.from({ length: 48 }, () => readResource(api, path, { signal })));
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
  });
});

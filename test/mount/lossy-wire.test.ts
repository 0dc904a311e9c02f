import { open, readdir, readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { casesOf } from '../all-tests.ts';
import { syntheticContent } from '../stand-in/content/synthetic.ts';
import type { StandIn } from '../stand-in/index.ts';
import { completeSettings, type SettingsInput } from '../stand-in/settings.ts';
import type { FaultRule } from '../stand-in/wire/index.ts';
import { type MountedDisk, mountDisk } from './mounted-disk.ts';

// A machine that others use too.
vi.setConfig({ testTimeout: 60_000 });

const filmBytes = 6_000_001;
const films = ['one', 'two', 'three'];
const smallFiles = Array.from({ length: 60 }, (_, index) => `small ${index}`);

const film = (seed: string): Buffer => syntheticContent(seed, filmBytes).read(0, filmBytes);

/** Puts the films and the small files into a folder. Bytes are kept by their hash: those of each folder are others. */
function furnish({ model }: StandIn, folder = ''): void {
  for (const name of films)
    model.putFile(`disk:/${folder}/films/${name}`, {
      synthetic: { sizeBytes: filmBytes, seed: `${folder}${name}` },
    });
  for (const name of smallFiles) model.putFile(`disk:/${folder}/small/${name}`, smallContent(name, folder));
}

const smallContent = (name: string, folder = '') => `${folder}${name}`.repeat(50);

async function lossyDisk(faults: readonly FaultRule[]): Promise<MountedDisk> {
  const mounted = await mountDisk({ standIn: { wire: { delayMs: 5 } }, fill: (disk) => furnish(disk) });
  for (const fault of faults) mounted.disk.wire.faults.add(fault);
  return mounted;
}

/** Everything in a folder of that name, which comes now, is read in several ways, three readers at a time. */
async function readEverything(mounted: MountedDisk, folder: string): Promise<void> {
  furnish(mounted.disk, folder);
  await expect.poll(() => readdir(mounted.mountpoint).catch(() => []), { timeout: 20_000 }).toContain(folder);
  const names = (await readdir(mounted.path(folder, 'small'))).sort();
  expect(names).toEqual([...smallFiles].sort());
  const smallReads = smallFiles.map(async (name) => {
    expect(await readFile(mounted.path(folder, 'small', name), 'utf8')).toBe(smallContent(name, folder));
  });
  const filmReads = films.map(async (name) => {
    const expected = film(`${folder}${name}`);
    expect((await readFile(mounted.path(folder, 'films', name))).equals(expected)).toBe(true);
  });
  await Promise.all([...smallReads, ...filmReads]);
}

/** Links expire again and again, by what was read and not by the clock: a slow machine reads on too. @returns how to end that */
function expireLinks({ wire, control }: StandIn, everyBytes = 1 << 20): () => void {
  const readBytes = () => wire.statistics.snapshot().routes['storage.get']?.bytesOut ?? 0;
  let expiredAtBytes = readBytes();
  const timer = setInterval(() => {
    if (readBytes() < expiredAtBytes + everyBytes) return;
    expiredAtBytes = readBytes();
    control.expireLinks();
  }, 20);
  return () => clearInterval(timer);
}

/** A mount for all tests of a group. */
function useOneMount(): { readonly mounted: MountedDisk } {
  let mounted: MountedDisk;
  beforeAll(async () => {
    mounted = await mountDisk({
      standIn: { wire: { delayMs: 5 } },
      mountArguments: ['--poll-interval', '300ms'],
    });
  });
  afterAll(() => mounted.close());
  return {
    get mounted() {
      return mounted;
    },
  };
}

const faultSets: Record<string, readonly FaultRule[]> = {
  'bodies cut short': [
    { route: 'storage.get', probability: 0.3, fault: { kind: 'cut', afterBytes: 70_000 } },
  ],
  'resets before any answer': [{ route: '*', probability: 0.15, fault: { kind: 'reset', stage: 'before' } }],
  'errors 500, 502 and 503 from every host': [
    { route: '*', probability: 0.07, fault: { kind: 'status', status: 500 } },
    { route: '*', probability: 0.07, fault: { kind: 'status', status: 502 } },
    { route: '*', probability: 0.07, fault: { kind: 'status', status: 503 } },
  ],
  'too many requests': [
    {
      route: 'resources.*',
      count: 3,
      fault: { kind: 'status', status: 429, headers: { 'retry-after': '0' } },
    },
  ],
  'HTML and garbage in place of JSON': [
    { route: 'resources.*', count: 3, fault: { kind: 'broken-json', how: 'html' } },
  ],
  'ranges that are shifted': [
    { route: 'storage.get', probability: 0.2, fault: { kind: 'content-range', shiftBytes: 7 } },
  ],
  'pages of JSON cut in the middle': [
    { route: 'resources.*', count: 3, fault: { kind: 'broken-json', how: 'cut' } },
  ],
  'a reply that says less than it has': [
    { route: 'storage.get', probability: 0.2, fault: { kind: 'truncate', dropBytes: 1000 } },
  ],
};

describe('reading through', () => {
  const group = useOneMount();

  const usually = ['bodies cut short', 'errors 500, 502 and 503 from every host', 'ranges that are shifted'];

  it.each(casesOf(faultSets, usually))('%s gives every byte right', async (folder, rules) => {
    const { mounted } = group;
    const { faults, faultLog } = mounted.disk.wire;
    const before = faultLog.length;
    // Of listings those that are to be read are meant, not those by which the folder is found.
    const ids = rules.map((rule) =>
      faults.add(rule.route === 'resources.*' ? { ...rule, pathMatches: folder } : rule),
    );
    try {
      await readEverything(mounted, folder);
      expect(faultLog.length).toBeGreaterThan(before);
    } finally {
      for (const id of ids) faults.remove(id);
    }
  });
});

const linkSets: Record<string, SettingsInput> = {
  'answering 410': { deadLinkStatus: 410 },
  'answering 404': { deadLinkStatus: 404 },
  'answering 500 with a page': { deadLinkStatus: 500 },
  'behind no redirect': { redirectHops: 0 },
  'behind three redirects': { redirectHops: 3 },
  'on a host that knows no ranges': { ranges: false },
};

describe('reading over links that expire again and again', () => {
  const group = useOneMount();

  it.each(
    casesOf<SettingsInput>(linkSets, ['answering 410', 'on a host that knows no ranges']),
  )('%s, gives every byte right', async (folder, settings) => {
    const { mounted } = group;
    const { control } = mounted.disk;
    const usual = completeSettings();
    control.set(settings);
    // A host that knows no ranges sends the whole film each time.
    const endExpiring = expireLinks(mounted.disk, 'ranges' in settings ? 2 * filmBytes : undefined);
    try {
      await readEverything(mounted, folder);
    } finally {
      endExpiring();
      const { deadLinkStatus, redirectHops, ranges } = usual;
      control.set({ deadLinkStatus, redirectHops, ranges });
    }
  });
});

it('four readers at random offsets get right bytes while links expire, bodies are cut and hosts fail', async () => {
  const mounted = await lossyDisk([
    { route: 'storage.get', probability: 0.15, fault: { kind: 'cut', afterBytes: 70_000 } },
    { route: '*', probability: 0.05, fault: { kind: 'status', status: 503 } },
    { route: 'downloader.get', probability: 0.05, fault: { kind: 'reset' } },
  ]);
  const endExpiring = expireLinks(mounted.disk);
  const content = films.map((name) => film(name));
  try {
    const readers = [0, 1, 2, 3].map(async (reader) => {
      const index = reader % films.length;
      const expected = content[index] ?? Buffer.alloc(0);
      const handle = await open(mounted.path('films', films[index] ?? ''));
      for (let turn = 0; turn < 60; turn++) {
        const offset = Math.floor(((turn * 7919 + reader * 104729) % 9973) * (filmBytes / 9973));
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(20_000), 0, 20_000, offset);
        expect(buffer.subarray(0, bytesRead).equals(expected.subarray(offset, offset + 20_000))).toBe(true);
        expect(bytesRead).toBe(Math.min(20_000, filmBytes - offset));
      }
      await handle.close();
    });
    await Promise.all(readers);
  } finally {
    endExpiring();
    await mounted.close();
  }
});

describe('bytes that come wrong', () => {
  it('of a small file are fetched again, and are EIO when they stay wrong', async () => {
    const mounted = await lossyDisk([{ route: 'storage.get', count: 2, fault: { kind: 'corrupt' } }]);
    try {
      expect(await readFile(mounted.path('small', 'small 1'), 'utf8')).toBe(smallContent('small 1'));
      expect(mounted.disk.wire.faultLog.length).toBe(2);
      mounted.disk.wire.faults.add({ id: 'always', route: 'storage.get', fault: { kind: 'corrupt' } });
      await expect(readFile(mounted.path('small', 'small 2'))).rejects.toMatchObject({ code: 'EIO' });
      mounted.disk.wire.faults.remove('always');
      expect(await readFile(mounted.path('small', 'small 2'), 'utf8')).toBe(smallContent('small 2'));
    } finally {
      await mounted.close();
    }
  });

  it('of a large file never reach the end of a read through: right bytes or EIO, and right at the next open', async () => {
    const mounted = await lossyDisk([]);
    try {
      for (const seed of films) {
        mounted.disk.wire.faults.add({ route: 'storage.get', skip: 2, count: 1, fault: { kind: 'corrupt' } });
        const read = await readFile(mounted.path('films', seed)).catch((error: { errno?: number }) => error);
        if (Buffer.isBuffer(read)) expect(read.equals(film(seed))).toBe(true);
        else expect(read).toMatchObject({ errno: -constants.errno.EIO });
        expect((await readFile(mounted.path('films', seed))).equals(film(seed))).toBe(true);
      }
      expect(mounted.disk.wire.faultLog.length).toBe(films.length);
    } finally {
      await mounted.close();
    }
  });

  it('are not waited for: a silent data host is EIO or ENETUNREACH within ten seconds', async () => {
    const mounted = await lossyDisk([{ route: 'storage.get', fault: { kind: 'stall', afterBytes: 20 } }]);
    try {
      const startedAtMs = performance.now();
      const failure = await readFile(mounted.path('films', 'two')).catch(
        (error: { code?: string }) => error.code,
      );
      expect(['EIO', 'ENETUNREACH']).toContain(failure);
      expect(performance.now() - startedAtMs).toBeLessThan(10_000);
    } finally {
      await mounted.close();
    }
  });
});

describe('the listing of a folder that others change meanwhile', () => {
  it('is complete: nothing that was there all the time is missing or doubled', async () => {
    const lasting = Array.from({ length: 2500 }, (_, index) => `lasting ${String(index).padStart(5, '0')}`);
    const mounted = await mountDisk({
      standIn: { wire: { delayMs: 20 } },
      mountArguments: ['--poll-interval', '50ms'],
      fill: ({ model }) => {
        for (const name of lasting) model.putFile(`disk:/busy/${name}`, 'x');
      },
    });
    let turn = 0;
    let listed = 0;
    const changing = setInterval(() => {
      mounted.disk.model.putFile(`disk:/busy/${turn % 2 ? 'a' : 'lasting 01500'} comes ${turn % 5}`, 'y');
      if (turn > 3)
        mounted.disk.model.remove(
          `disk:/busy/${(turn - 3) % 2 ? 'a' : 'lasting 01500'} comes ${(turn - 3) % 5}`,
        );
      turn++;
    }, 130);
    try {
      for (let round = 0; round < 6; round++) {
        const names = await readdir(mounted.path('busy')).catch((error: { code?: string }) => {
          // A folder that never holds still may fail; it may not lie.
          expect(error.code).toBe('EIO');
          return undefined;
        });
        if (!names) continue;
        listed++;
        expect(new Set(names).size).toBe(names.length);
        expect(names.filter((name) => /^lasting \d{5}$/.test(name)).sort()).toEqual(lasting);
      }
      expect(turn).toBeGreaterThan(3);
      expect(listed).toBeGreaterThan(0);
    } finally {
      clearInterval(changing);
      await mounted.close();
    }
  });
});

import { open, readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { syntheticContent } from '../stand-in/content/synthetic.ts';
import { mountDisk } from './mounted-disk.ts';

/** More of them by hand: VERSIONS=18. */
const versions = Number(process.env['VERSIONS'] ?? 8);
const sizeBytes = 3 << 20;
const pageBytes = 4096;
const contentOf = (seed: string) => Buffer.from(syntheticContent(seed, sizeBytes).read(0, sizeBytes));

async function pageAt(file: Awaited<ReturnType<typeof open>>, offset: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(pageBytes), 0, pageBytes, offset);
  return buffer.subarray(0, bytesRead);
}

it(
  'a file that takes the name of an open one is seen after the last close, and shares no bytes with it',
  { timeout: 60_000 },
  async () => {
    const mounted = await mountDisk({
      mountArguments: ['--poll-interval', '1s'],
      fill: ({ model }) => model.putFile('disk:/d/log', { synthetic: { sizeBytes, seed: 'old' } }),
    });
    const { model } = mounted.disk;
    try {
      const [old, fresh] = [contentOf('old'), contentOf('fresh')];
      const one = await open(mounted.path('d', 'log'));
      await pageAt(one, 0);
      model.move('disk:/d/log', 'disk:/d/log.1');
      model.putFile('disk:/d/log', { synthetic: { sizeBytes, seed: 'fresh' } });
      const names = () => readdir(mounted.path('d'));
      await expect.poll(names, { timeout: 20_000 }).toEqual(['log', 'log.1']);
      await sleep(1_500);
      const two = await open(mounted.path('d', 'log'));
      const [atTwo, atOne] = [await pageAt(two, 2 << 20), await pageAt(one, 2 << 20)];
      const [upToOne, upToTwo] = [await pageAt(one, 1 << 20), await pageAt(two, 1 << 20)];
      await one.close();
      await two.close();
      const is = (page: Buffer, content: Buffer, offset: number) =>
        page.equals(content.subarray(offset, offset + pageBytes));
      expect({
        two: is(atTwo, old, 2 << 20) && is(upToTwo, old, 1 << 20),
        one: is(atOne, old, 2 << 20) && is(upToOne, old, 1 << 20),
      }).toEqual({ two: true, one: true });
      // The kernel tells of a last close when it has returned: until then it is the old one, as a whole.
      const after = async () => {
        const content = await readFile(mounted.path('d', 'log'));
        if (content.equals(fresh)) return 'fresh';
        return content.equals(old) ? 'old' : 'mixed';
      };
      const seen = new Set<string>();
      await expect.poll(async () => seen.add(await after()).has('fresh')).toBe(true);
      expect(seen).not.toContain('mixed');
    } finally {
      await mounted.close();
    }
  },
);

it(
  'every read of a file that others overwrite is one whole version',
  { timeout: 60_000 + versions * 2_000 },
  async () => {
    const version = (nth: number, lengthBytes: number) => {
      const bytes = Buffer.alloc(lengthBytes, `${nth};`);
      bytes.write(`${nth} ${lengthBytes}\n`);
      return bytes;
    };
    const mounted = await mountDisk({
      mountArguments: ['--poll-interval', '1s'],
      fill: ({ model }) => model.putFile('disk:/d/f', version(0, 5_000)),
    });
    const wrong: string[] = [];
    let over = false;
    const reader = async () => {
      while (!over) {
        const got = await readFile(mounted.path('d', 'f'));
        const [nth = 0, lengthBytes = 0] =
          got.toString('latin1', 0, 40).split('\n')[0]?.split(' ').map(Number) ?? [];
        if (!got.equals(version(nth, lengthBytes)))
          wrong.push(`${got.length} bytes of ${nth}, which has ${lengthBytes}`);
        await sleep(3);
      }
    };
    try {
      const readers = [reader(), reader(), reader()];
      for (let nth = 1; nth <= versions; nth++) {
        mounted.disk.model.putFile('disk:/d/f', version(nth, nth % 2 === 0 ? 5_000 : 300_000));
        await sleep(700 + 37 * (nth % 16));
      }
      over = true;
      await Promise.all(readers);
      expect(wrong).toEqual([]);
    } finally {
      over = true;
      await mounted.close();
    }
  },
);

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listFolder, readResource } from '../../src/disk-api/folder-listing.ts';
import { listAll, type Page } from '../../src/disk-api/paged-listing.ts';
import { clientOf, countOf, standInClient } from './client.ts';
import { json, scriptedServer } from './scripted-server.ts';

interface Entry {
  readonly name: string;
  readonly id: string;
}

/** A folder behind an API that pages by offset, as odd as one likes. */
interface Folder {
  entries: Entry[];
  /** Most entries that a page holds, and whether the page says so. */
  readonly cap?: number;
  readonly tellsLimit?: boolean;
  /** What it says the total is. */
  readonly total?: (entries: readonly Entry[]) => number | undefined;
  /** Changes the folder before a page is read. */
  readonly before?: (pageNumber: number) => void;
}

function entriesOf(count: number, prefix = 'entry'): Entry[] {
  return Array.from({ length: count }, (_, index) => {
    const name = `${prefix} ${String(index).padStart(6, '0')}`;
    return { name, id: `id of ${name}` };
  });
}

function reading(folder: Folder) {
  const pages: { offset: number; limit: number }[] = [];
  const list = () =>
    listAll<Entry>({
      path: 'disk:/folder',
      keyOf: ({ name }) => name,
      idOf: ({ id }) => id,
      readPage: async (offset, asked): Promise<Page<Entry>> => {
        pages.push({ offset, limit: asked });
        if (pages.length > 500) throw new Error('It asks for ever');
        folder.before?.(pages.length);
        const limit = Math.min(asked, folder.cap ?? asked);
        const sorted = [...folder.entries].sort((left, right) => (left.name < right.name ? -1 : 1));
        return {
          items: sorted.slice(offset, offset + limit),
          total: folder.total ? folder.total(sorted) : sorted.length,
          limit: (folder.tellsLimit ?? true) ? limit : undefined,
        };
      },
    });
  return { pages, list };
}

describe.concurrent('a folder of many pages', () => {
  it.each([
    [0, 1],
    [1, 1],
    [999, 1],
    [1_000, 2],
    [1_001, 2],
    [1_998, 2],
    [5_000, 6],
  ])('of %i entries that stands still takes %i requests', async (count, requests) => {
    const entries = entriesOf(count);
    const { list, pages } = reading({ entries });
    expect(await list()).toEqual(entries);
    expect(pages.length).toBe(requests);
  });

  it('is complete whatever a page holds, and whatever the server says of totals and limits', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 60 }),
        fc.option(fc.integer({ min: 2, max: 25 }), { nil: undefined }),
        fc.boolean(),
        fc.constantFrom<(count: number) => number | undefined>(
          (count) => count,
          () => undefined,
          () => 0,
          (count) => Math.floor(count / 2),
          (count) => count * 3 + 7,
          () => 9_007_199_254_740_991,
        ),
        async (count, cap, tellsLimit, total) => {
          const entries = entriesOf(count);
          const { list } = reading({
            entries,
            ...(cap === undefined ? {} : { cap }),
            tellsLimit,
            total: (all) => total(all.length),
          });
          const listed = await list();
          // A cap that is told neither by the limit nor by the total cannot be seen; a lying total counts for nothing then.
          const visible =
            cap === undefined || tellsLimit || total(count) === undefined || Number(total(count)) >= count;
          if (visible) expect(listed).toEqual(entries);
          else expect(entries.slice(0, listed.length)).toEqual(listed);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('that changes while it is listed is never given with an entry missing or doubled that was there all the time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 5, max: 40 }),
        fc.integer({ min: 2, max: 8 }),
        fc.array(
          fc.record({
            atPage: fc.integer({ min: 1, max: 12 }),
            kind: fc.constantFrom('add', 'remove', 'rename', 'swap'),
            which: fc.nat(60),
          }),
          { maxLength: 6 },
        ),
        async (count, cap, changes) => {
          const stable = entriesOf(count, 'stable');
          const moving = entriesOf(10, 'moving');
          let made = 0;
          const folder: Folder = {
            entries: [...stable, ...moving],
            cap,
            before: (pageNumber) => {
              for (const { atPage, kind, which } of changes) {
                if (atPage !== pageNumber) continue;
                const name = `${'amtz'[which % 4]} ${made++}`;
                const victim = moving[which % moving.length];
                if (kind === 'add') folder.entries.push({ name: `${name} new`, id: `new ${made}` });
                else folder.entries = folder.entries.filter(({ id }) => id !== victim?.id);
                if (kind === 'rename' && victim) folder.entries.push({ name, id: victim.id });
                if (kind === 'swap') folder.entries.push({ name: `${name} swapped`, id: `swapped ${made}` });
              }
            },
          };
          const { list } = reading(folder);
          const listed = await list();
          expect(listed.filter(({ name }) => name.startsWith('stable'))).toEqual(stable);
          expect(new Set(listed.map(({ name }) => name)).size).toBe(listed.length);
          expect(new Set(listed.map(({ id }) => id)).size).toBe(listed.length);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('that never holds still is given up after a bounded number of tries', async () => {
    let count = 0;
    const folder: Folder = {
      entries: entriesOf(30),
      cap: 10,
      before: () => {
        folder.entries.push({ name: `entry ${count}`, id: String(count++) });
      },
    };
    await expect(reading(folder).list()).rejects.toMatchObject({ code: 'unsettled', path: 'disk:/folder' });
  });

  it('is not asked for by the thousand pages at once because of a total', async () => {
    const { list, pages } = reading({ entries: entriesOf(3), total: () => 1_000_000_000 });
    expect((await list()).length).toBe(3);
    expect(pages.length).toBeLessThan(4);
  });
});

describe.concurrent('listing a folder of the stand-in', () => {
  it('is complete over pages, in any limit that the server sets', async () => {
    const { api, disk } = await standInClient({ maxLimit: 100 });
    const names = Array.from({ length: 555 }, (_, index) => `Файл №${index} + & % ? #.txt`);
    for (const name of names) disk.model.putFile(`disk:/many/${name}`, name, { parents: true });
    const { folder, entries } = await listFolder(api, 'disk:/many');
    expect(folder).toMatchObject({ name: 'many', type: 'dir' });
    expect(entries.map(({ name }) => name).sort()).toEqual(names.sort());
    expect(entries[0]).toMatchObject({ md5: expect.any(String), file: expect.any(String), type: 'file' });
  });

  it('survives totals of yesterday', async () => {
    const { api, disk } = await standInClient({ totalLagMs: 60_000, maxLimit: 10 });
    for (let index = 0; index < 35; index++)
      disk.model.putFile(`disk:/many/${index}`, 'x', { parents: true });
    expect((await listFolder(api, 'disk:/many')).entries.length).toBe(35);
    for (let index = 0; index < 35; index++) disk.model.remove(`disk:/many/${index}`, { permanently: true });
    expect((await listFolder(api, 'disk:/many')).entries).toEqual([]);
  });

  it('is complete while another client adds and removes', async () => {
    const { api, disk } = await standInClient({ maxLimit: 50 }, { wire: { delayMs: 15 } });
    for (let index = 0; index < 400; index++)
      disk.model.putFile(`disk:/many/stable ${index}`, 'x', { parents: true });
    let turn = 0;
    const changing = setInterval(() => {
      disk.model.putFile(`disk:/many/${'az'[turn % 2]} ${turn}`, 'x');
      if (turn++ > 3)
        disk.model.remove(`disk:/many/${'az'[(turn - 4) % 2]} ${turn - 4}`, { permanently: true });
    }, 200);
    try {
      for (let round = 0; round < 3; round++) {
        const { entries } = await listFolder(api, 'disk:/many');
        expect(entries.filter(({ name }) => name.startsWith('stable')).length).toBe(400);
      }
    } finally {
      clearInterval(changing);
    }
  });

  it('is one request for a folder that fits into one, and fails for a file or nothing', async () => {
    const { api, disk } = await standInClient();
    disk.model.putFile('disk:/folder/file', 'x', { parents: true });
    expect((await listFolder(api, 'disk:/folder')).entries.length).toBe(1);
    expect(countOf(disk, 'resources.get')).toBe(1);
    await expect(listFolder(api, 'disk:/folder/file')).rejects.toMatchObject({ code: 'not-a-folder' });
    await expect(listFolder(api, 'disk:/no')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('is never empty because of a wrong answer', async () => {
    const wrong = [
      { name: 'a', type: 'dir', _embedded: {} },
      { name: 'a', type: 'dir', _embedded: { items: null } },
      { name: 'a', type: 'dir', _embedded: { items: [{}] } },
      { name: 'a', type: 'dir', _embedded: { items: [{ name: '', type: 'file' }] } },
      { name: 'a', type: 'dir', _embedded: { items: [{ name: 'x', type: 'file', size: -1 }] } },
      { name: 'a', type: 'dir', _embedded: [] },
    ];
    const server = await scriptedServer(({ query }) => json(200, wrong[Number(query.get('path')?.slice(6))]));
    const api = clientOf(server.apiUrl);
    const outcomes = wrong.map((_, index) =>
      listFolder(api, `disk:/${index}`).catch((error: { code: string }) => error.code),
    );
    expect(new Set(await Promise.all(outcomes))).toEqual(new Set(['nonsense']));
  });
});

it('needs no name of what was asked for by its path, as of the root', async () => {
  const roots = [{ name: '' }, { name: null }].map((root) => ({ ...root, path: 'disk:/', type: 'dir' }));
  for (const root of roots) {
    const server = await scriptedServer(() => json(200, { ...root, _embedded: { items: [], total: 0 } }));
    const api = clientOf(server.apiUrl);
    expect((await listFolder(api, 'disk:/')).folder.type).toBe('dir');
    expect((await readResource(api, 'disk:/')).type).toBe('dir');
  }
});

it('loses no entry by a field of another kind than was recorded', async () => {
  const odd = {
    revision: '7',
    media_type: 3,
    mime_type: {},
    resource_id: 4,
    created: 5,
    file: [],
    public_url: false,
  };
  const server = await scriptedServer(() =>
    json(200, {
      name: 'a',
      type: 'dir',
      _embedded: { items: [{ name: 'x', type: 'file', size: 3, ...odd }], total: 'one' },
    }),
  );
  const [entry] = (await listFolder(clientOf(server.apiUrl), 'disk:/a')).entries;
  expect(entry).toMatchObject({ name: 'x', type: 'file', size: 3 });
  expect([entry?.revision, entry?.resource_id, entry?.file]).toEqual([undefined, undefined, undefined]);
});

it('shows a resource without its entries', async () => {
  const { api, disk } = await standInClient();
  disk.model.putFile('disk:/folder/file', 'x', { parents: true });
  expect(await readResource(api, 'disk:/folder')).toMatchObject({ name: 'folder', type: 'dir' });
  expect((await readResource(api, 'disk:/')).type).toBe('dir');
});

import { describe, expect, it } from 'vitest';
import { readFiles, readLastUploaded, readPublished } from '../../src/disk-api/flat-lists.ts';
import type { ResourceReply } from '../../src/disk-api/replies.ts';
import { countOf, standInClient } from './client.ts';

async function all(items: AsyncIterable<ResourceReply>): Promise<string[]> {
  const paths: string[] = [];
  for await (const item of items) paths.push(item.path ?? '');
  return paths;
}

describe.concurrent('the flat list of files', () => {
  it.each([10, 1000])('holds each file once, whatever a page holds (%i)', async (maxLimit) => {
    const { api, disk } = await standInClient({ maxLimit });
    const paths = Array.from({ length: 55 }, (_, index) => `disk:/${index % 5}/${index}.jpg`);
    for (const path of paths) disk.model.putFile(path, path, { parents: true });
    expect((await all(readFiles(api))).sort()).toEqual(paths.sort());
  });

  it('can be of some kinds only', async () => {
    const { api, disk } = await standInClient();
    for (const name of ['a.jpg', 'b.mp4', 'c.txt']) disk.model.putFile(`disk:/${name}`, 'x');
    expect((await all(readFiles(api, { mediaTypes: ['image', 'video'] }))).sort()).toEqual([
      'disk:/a.jpg',
      'disk:/b.mp4',
    ]);
  });

  it('stops asking when nobody listens any more', async () => {
    const { api, disk } = await standInClient({ maxLimit: 10 });
    for (let index = 0; index < 100; index++) disk.model.putFile(`disk:/${index}`, 'x');
    for await (const _ of readFiles(api)) break;
    expect(countOf(disk, 'files')).toBe(1);
  });
});

it('tells the last uploads, newest first', async () => {
  const { api, disk } = await standInClient();
  for (const name of ['first', 'second', 'third']) disk.model.putFile(`disk:/${name}`, name);
  const items = await readLastUploaded(api, 2);
  expect(items.map(({ path }) => path)).toEqual(['disk:/third', 'disk:/second']);
});

it('tells what is published', async () => {
  const { api, disk } = await standInClient({ maxLimit: 3 });
  for (let index = 0; index < 7; index++) {
    disk.model.putFile(`disk:/${index}`, 'x');
    disk.model.publish(`disk:/${index}`);
  }
  disk.model.mkdir('disk:/folder');
  disk.model.publish('disk:/folder');
  expect((await all(readPublished(api))).length).toBe(8);
  expect(await all(readPublished(api, { type: 'dir' }))).toEqual(['disk:/folder']);
});

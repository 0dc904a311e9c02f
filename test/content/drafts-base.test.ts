import { afterEach, beforeEach, expect, it } from 'vitest';
import type { OpenBase } from '../../src/content/base-source.ts';
import type { RemoteContent } from '../../src/disk-api/links.ts';
import { syntheticContent } from '../stand-in/content/synthetic.ts';
import { bytesOf, contentOf, type DraftsFolder, draftsFolder, never } from './drafts-folder.ts';
import { type ReadingDisk, readingDisk } from './reading-disk.ts';

/* A draft of a file on the stand-in, read by the program's own readers. */

const filmBytes = (12 << 20) + 12_345;
const film = syntheticContent('film', filmBytes).read(0, filmBytes);

let disk: ReadingDisk;
let local: DraftsFolder;
let remote: RemoteContent;
const open: OpenBase = () => disk.contents.openReader(remote);

beforeEach(async () => {
  // Less memory than the file has bytes: what was read is not all here any more.
  disk = await readingDisk({ memoryBytes: 4 << 20, readAheadBytes: 2 << 20 });
  disk.disk.model.putFile('disk:/film', { synthetic: { sizeBytes: filmBytes, seed: 'film' } });
  remote = await disk.content('disk:/film');
  local = await draftsFolder();
});
afterEach(async () => {
  await local.remove();
  await disk.close();
});

it('is completed from the Disk, each byte once', async () => {
  const draft = await local.drafts.create({ name: 'a', path: 'disk:/film', base: { content: remote, open } });
  const ours = bytesOf(3_000_000, 1);
  await draft.write(ours, 2_000_000);
  await draft.complete(never);
  const expected = Buffer.from(film);
  ours.copy(expected, 2_000_000);
  expect((await contentOf(draft)).equals(expected)).toBe(true);
  expect(disk.traffic().bytes).toBeLessThanOrEqual(filmBytes);
  await draft.close();
});

it('is never filled up from another version', async () => {
  const draft = await local.drafts.create({ name: 'a', path: 'disk:/film', base: { content: remote, open } });
  await draft.write(bytesOf(1_000, 1), 0);
  const target = Buffer.alloc(1_000);
  await draft.read(target, 5_000);
  expect(target.equals(film.subarray(5_000, 6_000))).toBe(true);
  disk.disk.model.putFile('disk:/film', { synthetic: { sizeBytes: filmBytes, seed: 'other' } });
  disk.disk.control.expireLinks();
  await expect(draft.complete(never)).rejects.toMatchObject({ code: 'stale' });
  expect(await local.drafts.describe('a')).toMatchObject({ isBaseGone: true });
  expect(draft.isComplete).toBe(false);
  await draft.read(target, 0);
  expect(target.equals(bytesOf(1_000, 1))).toBe(true);
  await draft.close();
});

import { join } from 'node:path';
import type { Digest } from '../stand-in/content/content.ts';
import { addCrowd, addDeepTree, addOddNames } from './crowds.ts';
import { type DemoEntry, EntryList } from './entries.ts';
import { type Keeping, openKeeping } from './keeping.ts';
import { addPhotos } from './photos.ts';
import { syntheticVideo } from './video.ts';
import { addWritings } from './writings.ts';

/*
 * The Disk that the demonstration mounts: what a family might keep, and what a file system must be able to bear.
 */

export const video = { path: 'Видео/Отпуск 2024.mp4', sizeBytes: 2 * 1024 ** 3 };

/** Programs whose change makes kept pictures and hashes worthless. */
const makers = ['painting.ts', 'photo.ts', 'exif.ts', 'video.ts', '../stand-in/content/synthetic.ts'];

/** Everything on the demonstration Disk, parents first.
 * @param progress told before what takes seconds at the first start
 */
export async function describeDemoDisk(progress: (message: string) => void = () => {}): Promise<DemoEntry[]> {
  const keeping = await openKeeping(makers.map((file) => join(import.meta.dirname, file)));
  const list = new EntryList();
  addWritings(list);
  addCrowd(list);
  addDeepTree(list);
  addOddNames(list);
  await addPhotos(list, keeping, progress);
  await addVideo(list, keeping, progress);
  return list.entries;
}

async function addVideo(
  list: EntryList,
  keeping: Keeping,
  progress: (message: string) => void,
): Promise<void> {
  const kept = await keeping.keep('video.json', async () => {
    progress('hashing a 2 GB video, once');
    return Buffer.from(JSON.stringify(await syntheticVideo(video.path, video.sizeBytes).hash()));
  });
  const digest: Digest = JSON.parse(kept.toString());
  list.file(
    video.path,
    new Date('2024-08-19T16:20:00Z'),
    syntheticVideo(video.path, video.sizeBytes, digest),
  );
}

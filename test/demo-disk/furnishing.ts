import type { Model } from '../stand-in/model/model.ts';
import type { DemoEntry, DemoFile } from './entries.ts';

/** Puts everything onto a stand-in's Disk, as another client would have done long ago. */
export function furnish(model: Model, entries: readonly DemoEntry[]): void {
  for (const entry of entries) {
    const path = `disk:/${entry.path}`;
    if (entry.kind === 'folder') model.mkdir(path);
    else placeFile(model, path, entry);
  }
  // Folders are dated last: what is put into one may move its date.
  for (const { kind, path, modified } of entries) {
    const modifiedMs = modified.getTime();
    if (kind === 'folder') model.touch(`disk:/${path}`, { createdMs: modifiedMs, modifiedMs });
  }
}

function placeFile(model: Model, path: string, { content, modified, photo, state }: DemoFile): void {
  const modifiedMs = modified.getTime();
  model.putFile(path, content, {
    createdMs: modifiedMs,
    modifiedMs,
    ...(photo && {
      previews: photo.previews,
      exif: { date_time: photo.takenAt.toISOString().replace('.000Z', '+00:00') },
      photosliceMs: photo.takenAt.getTime(),
    }),
  });
  if (state === 'published') model.publish(path);
  if (state === 'trashed') model.remove(path);
}

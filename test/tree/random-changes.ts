import fc from 'fast-check';
import type { Model } from '../stand-in/model/model.ts';
import type { FolderNode } from '../stand-in/model/nodes.ts';

/** What another client does to a Disk; paths are chosen among those that are there, or few names that meet each other. */
export type ForeignChange =
  | { readonly kind: 'put'; readonly folder: number; readonly name: string; readonly text: string }
  | { readonly kind: 'mkdir'; readonly folder: number; readonly name: string }
  | { readonly kind: 'move'; readonly from: number; readonly folder: number; readonly name: string }
  | { readonly kind: 'remove'; readonly from: number }
  | { readonly kind: 'publish'; readonly from: number }
  | { readonly kind: 'patch'; readonly from: number };

const name = fc.constantFrom('a', 'b', 'c', 'd', 'e.txt', 'Ё', 'a b', '␛2F');
const place = fc.nat({ max: 1_000 });

export const foreignChange: fc.Arbitrary<ForeignChange> = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), folder: place, name, text: fc.string({ maxLength: 20 }) }),
  fc.record({ kind: fc.constant('mkdir' as const), folder: place, name }),
  fc.record({ kind: fc.constant('move' as const), from: place, folder: place, name }),
  fc.record({ kind: fc.constant('remove' as const), from: place }),
  fc.record({ kind: fc.constant('publish' as const), from: place }),
  fc.record({ kind: fc.constant('patch' as const), from: place }),
);

/** All paths on a Disk, by kind; `disk:/` is the first of the folders. */
export function pathsOf(model: Model) {
  const folders: string[] = ['disk:/'];
  const entries: string[] = [];
  const visit = (folder: FolderNode, path: string) => {
    for (const node of [...folder.children.all()]) {
      const at = path === 'disk:/' ? `${path}${node.name}` : `${path}/${node.name}`;
      entries.push(at);
      if (node.kind === 'dir') {
        folders.push(at);
        visit(node, at);
      }
    }
  };
  visit(model.disk.root, 'disk:/');
  return { folders, entries };
}

/** Does it, unless the Disk refuses. */
export function change(model: Model, wanted: ForeignChange): void {
  const { folders, entries } = pathsOf(model);
  const pick = (list: readonly string[], index: number) => list[index % Math.max(1, list.length)];
  const inside = (folder: number, entry: string) => {
    const above = pick(folders, folder) ?? 'disk:/';
    return above === 'disk:/' ? `disk:/${entry}` : `${above}/${entry}`;
  };
  try {
    if (wanted.kind === 'put') model.putFile(inside(wanted.folder, wanted.name), wanted.text);
    else if (wanted.kind === 'mkdir') model.mkdir(inside(wanted.folder, wanted.name));
    else {
      const from = pick(entries, wanted.from);
      if (from === undefined) return;
      if (wanted.kind === 'move') model.move(from, inside(wanted.folder, wanted.name));
      else if (wanted.kind === 'remove') model.remove(from);
      else if (wanted.kind === 'publish') model.publish(from);
      else model.patch(from, { key: String(wanted.from) });
    }
  } catch {
    // A name that is taken, a folder moved into itself: the Disk refuses, and nothing has changed.
  }
}

import { type Content, overwritten, type Piece, resized } from './content.ts';

/** What a folder holds, by path below it. Never changed: a step makes another one. */
export type Tree = ReadonlyMap<string, Entry>;

export type Entry = FolderEntry | FileEntry;

interface FolderEntry {
  readonly kind: 'folder';
}

export interface FileEntry {
  readonly kind: 'file';
  /** Which file, whatever it is called. */
  readonly id: number;
  readonly content: Content;
  /** Nanoseconds since 1970; null when it was written since, and nobody has looked at its date yet. */
  readonly modifiedNs: bigint | null;
}

/** One call of a program, in the order in which it makes them. Handles are those of the one file that is open at a time. */
export type Step =
  /** With O_CREAT and O_EXCL. */
  | { readonly do: 'create'; readonly path: string; readonly id: number }
  /** For writing; with O_TRUNC if `empties`. */
  | { readonly do: 'open'; readonly path: string; readonly empties: boolean }
  /** So few bytes that it is one request of the kernel's. */
  | { readonly do: 'write'; readonly path: string; readonly at: number; readonly piece: Piece }
  | { readonly do: 'sync' | 'close'; readonly path: string }
  | { readonly do: 'sync-folder'; readonly path: string }
  | { readonly do: 'truncate'; readonly path: string; readonly lengthBytes: number }
  | { readonly do: 'date'; readonly path: string; readonly modifiedNs: bigint }
  /** Looks what date a file has: it must keep that. */
  | { readonly do: 'look'; readonly path: string }
  | { readonly do: 'rename'; readonly path: string; readonly to: string }
  | { readonly do: 'make-folder' | 'remove-folder' | 'unlink'; readonly path: string };

/** The tree after a step. @throws Error when a program could not have made it: the plan was wrong */
export function after(tree: Tree, step: Step): Tree {
  switch (step.do) {
    case 'create':
      if (tree.has(step.path)) throw new Error(`${step.path} is there already`);
      return withEntry(tree, step.path, { kind: 'file', id: step.id, content: [], modifiedNs: null });
    case 'open':
      // Until it is closed its date may be that of a write that is lost again.
      return changed(tree, step.path, ({ content }) => ({
        content: step.empties ? [] : content,
        modifiedNs: null,
      }));
    case 'write':
      return changed(tree, step.path, ({ content }) => ({
        content: overwritten(content, step.at, step.piece),
        modifiedNs: null,
      }));
    case 'truncate':
      return changed(tree, step.path, ({ content }) => ({
        content: resized(content, step.lengthBytes),
        modifiedNs: null,
      }));
    case 'date':
      return changed(tree, step.path, () => ({ modifiedNs: step.modifiedNs }));
    case 'rename':
      return renamed(tree, step.path, step.to);
    case 'make-folder':
      if (tree.has(step.path)) throw new Error(`${step.path} is there already`);
      return withEntry(tree, step.path, { kind: 'folder' });
    case 'unlink':
      fileAt(tree, step.path);
      return without(tree, step.path);
    case 'remove-folder':
      if (beneath(tree, step.path).length > 0) throw new Error(`${step.path} is not empty`);
      return without(tree, step.path);
    case 'sync':
    case 'close':
    case 'sync-folder':
    case 'look':
      return tree;
  }
}

/** Paths beneath a folder, folders before what is in them. */
export function beneath(tree: Tree, folder: string): string[] {
  return [...tree.keys()].filter((path) => path.startsWith(`${folder}/`)).sort();
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** @throws Error when there is no file */
export function fileAt(tree: Tree, path: string): FileEntry {
  const entry = tree.get(path);
  if (entry?.kind !== 'file') throw new Error(`${path} is no file`);
  return entry;
}

function changed(tree: Tree, path: string, change: (file: FileEntry) => Partial<FileEntry>): Tree {
  const file = fileAt(tree, path);
  return withEntry(tree, path, { ...file, ...change(file) });
}

function renamed(tree: Tree, from: string, to: string): Tree {
  const entry = tree.get(from);
  if (!entry) throw new Error(`${from} is not there`);
  const result = new Map(without(tree, from));
  result.set(to, entry);
  for (const path of beneath(tree, from)) {
    const inner = tree.get(path);
    result.delete(path);
    if (inner) result.set(`${to}${path.slice(from.length)}`, inner);
  }
  return result;
}

function withEntry(tree: Tree, path: string, entry: Entry): Tree {
  const parent = parentOf(path);
  if (parent !== '' && tree.get(parent)?.kind !== 'folder') throw new Error(`no folder for ${path}`);
  return new Map(tree).set(path, entry);
}

function without(tree: Tree, path: string): Tree {
  if (!tree.has(path)) throw new Error(`${path} is not there`);
  const result = new Map(tree);
  result.delete(path);
  return result;
}

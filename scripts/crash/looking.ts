import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { PowerCut } from './allowed.ts';
import { hashOf, sizeOf } from './content.ts';
import type { Entry, FileEntry, Tree } from './tree.ts';

/** What somebody who looks finds at a path. */
export type Seen =
  | { readonly kind: 'folder' }
  | {
      readonly kind: 'file';
      readonly sizeBytes: number;
      readonly modifiedNs: bigint;
      /** MD5 of all bytes; they are read when it is asked for. */
      hash(): string;
    };

export type SeenTree = ReadonlyMap<string, Seen>;

/** What a program asks for as a date goes through a double and microseconds, in libuv and in the kernel. */
const dateToleranceNs = 2_000n;

/** Reads a folder of the file system, with calls that block: never from the process that serves it, nor from that of the stand-in. */
export function seenIn(folder: string): SeenTree {
  const seen = new Map<string, Seen>();
  const visit = (above: string) => {
    for (const name of readdirSync(join(folder, above))) {
      const path = above === '' ? name : `${above}/${name}`;
      if (seen.has(path)) throw new Error(`${path} is listed twice`);
      const { size, mtimeNs, isFolder } = looked(join(folder, path));
      if (isFolder) {
        seen.set(path, { kind: 'folder' });
        visit(path);
        continue;
      }
      let hash: string | undefined;
      const read = () => {
        const bytes = readFileSync(join(folder, path));
        if (BigInt(bytes.length) !== size) return `${bytes.length} bytes read`;
        return createHash('md5').update(bytes).digest('hex');
      };
      seen.set(path, {
        kind: 'file',
        sizeBytes: Number(size),
        modifiedNs: mtimeNs,
        hash: () => {
          hash ??= attempted(read);
          return hash;
        },
      });
    }
  };
  visit('');
  return seen;
}

/** A file that cannot be read has other bytes than it must have; after a loss of power that may be so where the drive says it. */
function attempted(read: () => string): string {
  try {
    return read();
  } catch (error) {
    return `unreadable: ${(error as NodeJS.ErrnoException).code}`;
  }
}

function looked(path: string) {
  const stat = statSync(path, { bigint: true });
  return { size: stat.size, mtimeNs: stat.mtimeNs, isFolder: stat.isDirectory() };
}

/** How what is seen differs from a tree, a line each; none when it is that tree. */
export function differences(tree: Tree, seen: SeenTree): string[] {
  const paths = [...new Set([...tree.keys(), ...seen.keys()])].sort();
  return paths.flatMap((path) =>
    difference(tree.get(path), seen.get(path)).map((words) => `${path}: ${words}`),
  );
}

/** How one path differs; empty when it does not. */
function difference(entry: Entry | undefined, seen: Seen | undefined): string[] {
  if (!entry && !seen) return [];
  if (!entry) return [`is there (${seenWords(seen)}), and must not be`];
  if (!seen) return [`is missing (${entryWords(entry)})`];
  if (entry.kind === 'folder' || seen.kind === 'folder')
    return entry.kind === seen.kind ? [] : [`is a ${seen.kind}, must be a ${entry.kind}`];
  const wanted = sizeOf(entry.content);
  if (seen.sizeBytes !== wanted) return [`has ${seen.sizeBytes} bytes, must have ${wanted}`];
  const words: string[] = [];
  if (entry.modifiedNs !== null && !isSameDate(entry.modifiedNs, seen.modifiedNs))
    words.push(`is of ${dateWords(seen.modifiedNs)}, must be of ${dateWords(entry.modifiedNs)}`);
  const hash = hashOf(entry.content);
  if (seen.hash() !== hash) words.push(`has other bytes than it must have (${seen.hash()}, must be ${hash})`);
  return words;
}

function isSameDate(one: bigint, other: bigint): boolean {
  const between = one - other;
  return between <= dateToleranceNs && between >= -dateToleranceNs;
}

/** The allowed tree that is seen, with the dates as they are seen. @throws Error that says how it differs from the likeliest */
export function recognised(allowed: readonly Tree[], seen: SeenTree): Tree {
  let fewest: readonly string[] | undefined;
  for (const tree of [...allowed].reverse()) {
    const found = differences(tree, seen);
    if (found.length === 0) return withDates(tree, seen);
    if (!fewest || found.length < fewest.length) fewest = found;
  }
  const among = allowed.length === 1 ? '' : ` (the nearest of ${allowed.length} that may be)`;
  throw new Error(`Not what was acknowledged${among}:\n  ${(fewest ?? []).slice(0, 20).join('\n  ')}`);
}

function withDates(tree: Tree, seen: SeenTree): Tree {
  return new Map(
    [...tree].map(([path, entry]) => {
      const found = seen.get(path);
      return [
        path,
        entry.kind === 'file' && found?.kind === 'file' ? { ...entry, modifiedNs: found.modifiedNs } : entry,
      ];
    }),
  );
}

/**
 * After a loss of power: the tree that is seen, if it may be.
 * @param unfinished paths that the drive says it has kept and not trusted: their bytes may be any, if they were never synced
 * @returns also the paths whose bytes nobody knows
 * @throws Error that says what may not be
 */
export function recognisedAfterPowerCut(
  allowed: PowerCut,
  seen: SeenTree,
  unfinished: ReadonlySet<string>,
): { readonly tree: Tree; readonly unknown: readonly string[] } {
  const tree = new Map<string, Entry>();
  const unknown: string[] = [];
  const wrong: string[] = [];
  for (const path of new Set([...allowed.paths(), ...seen.keys()])) {
    const found = seen.get(path);
    const entries = allowed.entries(path).reverse();
    const match = entries.find((entry) => difference(entry, found).length === 0);
    const isDoubtful = found?.kind === 'file' && unfinished.has(path) && !allowed.isSettled(path);
    if (isDoubtful) unknown.push(path);
    if (match) tree.set(path, match);
    else if (isDoubtful) {
      tree.set(path, { kind: 'file', id: -1, content: [], modifiedNs: null });
    } else if (found || !entries.includes(undefined)) {
      const [likeliest] = entries.map((entry) => difference(entry, found));
      wrong.push(
        `${path}: ${(likeliest ?? ['is there, and never was']).join(', ')} (or one of ${entries.length - 1} others)`,
      );
    }
  }
  for (const places of allowed.mustBeSomewhere()) {
    if (!places.some(({ path, file }) => isSeen(file, seen.get(path)) || unknown.includes(path)))
      wrong.push(`${places.map(({ path }) => path).join(' or ')}: was synced, and is nowhere`);
  }
  if (wrong.length > 0) throw new Error(`Not what was synced:\n  ${wrong.slice(0, 20).join('\n  ')}`);
  return { tree: withDates(tree, seen), unknown };
}

function isSeen(file: FileEntry, seen: Seen | undefined): boolean {
  return seen?.kind === 'file' && difference({ ...file, modifiedNs: null }, seen).length === 0;
}

function seenWords(seen: Seen | undefined): string {
  return seen?.kind === 'file' ? `${seen.sizeBytes} bytes` : 'a folder';
}

function entryWords(entry: Entry): string {
  return entry.kind === 'file' ? `${sizeOf(entry.content)} bytes` : 'a folder';
}

function dateWords(modifiedNs: bigint): string {
  return `${new Date(Number(modifiedNs / 1_000_000n)).toISOString()} (${modifiedNs} ns)`;
}

import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { shownName } from '../../src/tree/names.ts';
import type { Content } from '../stand-in/content/content.ts';
import type { Model } from '../stand-in/model/model.ts';
import type { FolderNode, Node } from '../stand-in/model/nodes.ts';

/** What is at each path below the root, in words that compare: kind, and of files size, time of change and hash. */
export type Mirror = ReadonlyMap<string, string>;

const hashes = new WeakMap<Content, string>();

/** The Disk as it really is. */
export function serverSide(model: Model): Mirror {
  const mirror = new Map<string, string>();
  const visit = (folder: FolderNode, above: string) => {
    for (const node of folder.children.all()) {
      const path = `${above}/${shownName(node.name)}`;
      mirror.set(path, described(node));
      if (node.kind === 'dir') visit(node, path);
    }
  };
  visit(model.disk.root, '');
  return mirror;
}

function described(node: Node): string {
  if (node.kind === 'dir') return 'folder';
  const { content, properties, modifiedMs } = node;
  const stored = properties?.['rclone_modified'];
  const shownMs = typeof stored === 'string' ? Date.parse(stored) : Math.floor(modifiedMs / 1000) * 1000;
  return `file of ${content.sizeBytes}, ${shownMs}, ${contentHash(content)}`;
}

export function contentHash(content: Content): string {
  const known = hashes.get(content);
  if (known !== undefined) return known;
  const hash = hashOf(content.read(0, content.sizeBytes));
  hashes.set(content, hash);
  return hash;
}

export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}

/** What a walk through the mount finds. Throws what any of its calls throws, and where a folder names an entry twice. */
export async function shownByWalk(mountpoint: string): Promise<Mirror> {
  const mirror = new Map<string, string>();
  const visit = async (above: string): Promise<void> => {
    const names = await readdir(join(mountpoint, above));
    if (new Set(names).size !== names.length) throw new Error(`${above} names an entry twice`);
    await severalAtOnce(names, async (name) => {
      const path = `${above}/${name}`;
      const shown = await shownAt(mountpoint, path);
      mirror.set(path, shown);
      if (shown === 'folder') await visit(path);
    });
  };
  await visit('');
  return mirror;
}

/** What is found at these paths without reading any folder: what the kernel remembers counts. Paths that are gone are left out. */
export async function shownByPath(mountpoint: string, paths: Iterable<string>): Promise<Mirror> {
  const mirror = new Map<string, string>();
  await severalAtOnce(paths, async (path) => {
    try {
      mirror.set(path, await shownAt(mountpoint, path));
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  });
  return mirror;
}

async function severalAtOnce(names: Iterable<string>, task: (name: string) => Promise<void>): Promise<void> {
  const waiting = [...names];
  const worker = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) await task(name);
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
}

async function shownAt(mountpoint: string, path: string): Promise<string> {
  const shown = await stat(join(mountpoint, path));
  if (shown.isDirectory()) return 'folder';
  const bytes = await readFile(join(mountpoint, path));
  if (bytes.length !== shown.size)
    throw new Error(`${path}: ${shown.size} bytes shown, ${bytes.length} read`);
  return `file of ${shown.size}, ${Math.round(shown.mtimeMs)}, ${hashOf(bytes)}`;
}

/** Nothing there, or a file where a folder was. */
export function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** Waits until the mount shows what the Disk is, and throws with the differences when it never does. */
export async function untilEqual(
  model: Model,
  look: () => Promise<Mirror>,
  patienceMs: number,
): Promise<void> {
  const startedAtMs = performance.now();
  for (;;) {
    const shown = await look().catch((error: Error) => error);
    const wanted = serverSide(model);
    const differences = shown instanceof Error ? [String(shown)] : differencesOf(wanted, shown);
    if (differences.length === 0) return;
    if (performance.now() - startedAtMs > patienceMs)
      throw new Error(`The mount is not what the Disk is:\n${differences.slice(0, 20).join('\n')}`);
    await sleep(150);
  }
}

function differencesOf(wanted: Mirror, shown: Mirror): string[] {
  const differences: string[] = [];
  for (const path of new Set([...wanted.keys(), ...shown.keys()])) {
    const [there, here] = [wanted.get(path), shown.get(path)];
    if (there !== here)
      differences.push(`${path}: ${there ?? 'nothing'} on the Disk, ${here ?? 'nothing'} here`);
  }
  return differences;
}

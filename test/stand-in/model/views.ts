import type { Settings } from '../settings.ts';
import type { EasyOrder } from './children.ts';
import type { Disk } from './disk.ts';
import type { FolderNode, Node } from './nodes.ts';
import { type DiskPath, formatPath } from './path.ts';
import { Refusal } from './refusal.ts';
import { listingOrder } from './sorting.ts';

/** What readers see of a node at this moment; null while they do not see it yet. */
export function visible(node: Node, nowMs: number): Node | null {
  return node.kind === 'file' && nowMs < node.seenAtMs ? node.shownBefore : node;
}

/** What a reader finds at a path. @throws Refusal 404. */
export function see(disk: Disk, path: DiskPath): Node {
  const node = disk.find(path);
  const seen = node ? visible(node, disk.clock.now()) : null;
  if (!seen) throw new Refusal('DiskNotFoundError', formatPath(path));
  return seen;
}

/** One page of a folder. */
export interface Page {
  readonly items: readonly Node[];
  readonly total: number;
}

const sortedListings = new WeakMap<FolderNode, { key: string; nodes: readonly Node[] }>();

/**
 * A page as a reader gets it: late uploads missing, and of a moment ago where listings lag.
 * @throws Refusal 400 for an order that does not exist.
 */
export function listPage(disk: Disk, folder: FolderNode, sort: string, offset: number, limit: number): Page {
  const nowMs = disk.clock.now();
  const { settings } = disk;
  const order = listingOrder(sort, settings);
  const past = disk.history.entries(folder, nowMs, settings.listingLagMs);
  const totalThen = disk.history.count(folder, nowMs, settings.totalLagMs);
  const easy = easyOrder(sort, settings.defaultOrder);
  if (!past && easy) {
    const items = folder.children.page(easy, offset, limit);
    if (items) return { items, total: totalThen ?? folder.children.count };
  }
  const nodes = past ? [...past].sort(order) : sorted(folder, `${settings.defaultOrder}:${sort}`, order);
  const seen = nodes.flatMap((node) => visible(node, nowMs) ?? []);
  return { items: seen.slice(offset, offset + limit), total: totalThen ?? seen.length };
}

function easyOrder(sort: string, defaultOrder: Settings['defaultOrder']): EasyOrder | null {
  if (sort === 'name' || sort === 'path') return 'name';
  return sort === '' && defaultOrder === 'folders-first' ? 'folders-first' : null;
}

function sorted(folder: FolderNode, sort: string, order: (a: Node, b: Node) => number): readonly Node[] {
  const key = `${folder.version}:${sort}`;
  const known = sortedListings.get(folder);
  if (known?.key === key) return known.nodes;
  const nodes = [...folder.children.all()].sort(order);
  sortedListings.set(folder, { key, nodes });
  return nodes;
}

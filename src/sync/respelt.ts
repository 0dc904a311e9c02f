import type { Api } from '../disk-api/api.ts';
import { readResource } from '../disk-api/folder-listing.ts';
import type { DiskPath } from '../disk-api/paths.ts';
import { failedWith } from '../errors.ts';
import type { Base, LocalNode } from '../tree/local-node.ts';
import type { Node } from '../tree/node.ts';
import { isSameBytes } from '../tree/sameness.ts';
import type { Sending } from './sending.ts';

interface Listed {
  readonly folderId: number;
  /** Of nodes that are to be seen in the folder. */
  readonly ids: readonly number[];
  readonly entries: ReadonlyMap<string, Node>;
}

/**
 * Names that the Disk took and spelt otherwise: composed, without spaces at the end, or the like. What is at the path that was asked for says so itself; where
 * it is nowhere, only an entry that came after ours may be it. Else it is another one, and ours is not listed yet: some Disks tell such names apart.
 * @returns the Disk's own spelling by node
 */
export async function findRespelt(
  sending: Pick<Sending, 'local' | 'api' | 'paths'>,
  { folderId, ids, entries }: Listed,
  signal: AbortSignal,
): Promise<ReadonlyMap<LocalNode, string>> {
  const { local, api, paths } = sending;
  const spellings = new Map<LocalNode, string>();
  let byPlainName: Map<string, Node[]> | undefined;
  for (const id of ids) {
    const node = local.node(id);
    if (!node?.base || node.base.parentId !== folderId || node.state === 'deleted') continue;
    if (entries.has(node.base.name)) continue;
    byPlainName ??= groupedByPlainName(entries.values());
    const alike = byPlainName.get(plain(node.base.name)) ?? [];
    const entry = otherSpelling(sending, node, node.base, alike);
    if (!entry) continue;
    const { name } = entry.remote;
    const spelling = await spellingOf(api, paths.at(node.base), signal);
    if (spelling === name || (spelling === undefined && entry.id > node.id)) spellings.set(node, name);
  }
  return spellings;
}

function otherSpelling(
  { local }: Pick<Sending, 'local'>,
  node: LocalNode,
  base: Base,
  alike: readonly Node[],
): Node | undefined {
  if (base.resourceId !== undefined) return undefined;
  return alike.find(
    ({ kind, remote }) =>
      kind === node.kind &&
      !local.basedAt(base.parentId, remote.name) &&
      (kind === 'folder' || isSameBytes(remote.content, base.content)),
  );
}

function groupedByPlainName(entries: Iterable<Node>): Map<string, Node[]> {
  const grouped = new Map<string, Node[]>();
  for (const entry of entries) {
    const name = plain(entry.remote.name);
    const alike = grouped.get(name);
    if (alike) alike.push(entry);
    else grouped.set(name, [entry]);
  }
  return grouped;
}

/** The name by which the Disk calls what is at a path. */
async function spellingOf(api: Api, path: DiskPath, signal: AbortSignal): Promise<string | undefined> {
  try {
    return (await readResource(api, path, { signal, priority: 'background' })).name;
  } catch (error) {
    if (failedWith(error, 'not-found', 'no-parent')) return undefined;
    throw error;
  }
}

function plain(name: string): string {
  return name
    .normalize('NFC')
    .replace(/[. ]+$/, '')
    .replaceAll(/[\\:*?"<>|_-]/g, '_')
    .toLowerCase();
}

import type { Children, EasyOrder, Totals } from './children.ts';
import type { DeclaredContent } from './declared-content.ts';
import type { Node } from './nodes.ts';

/** Everything that the rule describes, at any depth. */
export function declaredTotals(declared: DeclaredContent): Totals {
  const folders = declared.folders ?? 0;
  const inside = declared.inside ? declaredTotals(declared.inside) : { items: 0, sizeBytes: 0 };
  return {
    items: declared.files + folders * (1 + inside.items),
    sizeBytes: declared.files * declared.fileSizeBytes + folders * inside.sizeBytes,
  };
}

/** Entries directly in the folder. */
export function declaredCount(declared: DeclaredContent): number {
  return declared.files + (declared.folders ?? 0);
}

/** Which entry of the rule: folders come before files, as in a listing. */
export interface DeclaredEntry {
  readonly index: number;
  readonly kind: 'file' | 'dir';
  readonly name: string;
}

/** Entry number `index` of the rule. */
export function declaredEntry(declared: DeclaredContent, index: number): DeclaredEntry {
  const folders = declared.folders ?? 0;
  if (index < folders) {
    const number = String(index).padStart(String(Math.max(0, folders - 1)).length, '0');
    return { index, kind: 'dir', name: `${declared.folderPrefix ?? 'folder-'}${number}` };
  }
  const number = String(index - folders).padStart(String(Math.max(0, declared.files - 1)).length, '0');
  return {
    index,
    kind: 'file',
    name: `${declared.filePrefix ?? 'file-'}${number}${declared.fileExtension ?? '.txt'}`,
  };
}

function entryNamed(declared: DeclaredContent, name: string): DeclaredEntry | null {
  const folders = declared.folders ?? 0;
  for (const [prefix, first, count] of [
    [declared.folderPrefix ?? 'folder-', 0, folders],
    [declared.filePrefix ?? 'file-', folders, declared.files],
  ] as const) {
    if (!name.startsWith(prefix)) continue;
    const digits = /^\d+/.exec(name.slice(prefix.length))?.[0];
    if (digits === undefined || Number(digits) >= count) continue;
    const entry = declaredEntry(declared, first + Number(digits));
    if (entry.name === name) return entry;
  }
  return null;
}

/** Whether all files come before all folders in order of names, or all after; null where they mix. */
function filesComeFirst(declared: DeclaredContent): boolean | null {
  const { filePrefix = 'file-', folderPrefix = 'folder-' } = declared;
  if (!declared.folders) return false;
  if (filePrefix.startsWith(folderPrefix) || folderPrefix.startsWith(filePrefix)) return null;
  return filePrefix < folderPrefix;
}

/**
 * Children by a rule.
 * @param make builds the node of an entry; the same entry must give the same identity each time.
 */
export function declaredChildren(
  declared: DeclaredContent,
  make: (entry: DeclaredEntry) => Node,
): Children<Node> {
  /** Entries of the rule that were changed, and nodes that came later. */
  const held = new Map<string, Node>();
  const gone = new Set<number>();
  const newcomers = new Set<string>();
  let sorted: { readonly order: EasyOrder; readonly keys: readonly string[] } | null = null;
  const entryCount = declaredCount(declared);

  const get = (key: string): Node | undefined => {
    const node = held.get(key);
    if (node) return node;
    const entry = entryNamed(declared, key);
    if (!entry || gone.has(entry.index)) return undefined;
    const made = make(entry);
    // A folder holds state of its own (the identities of what is in it), so it is always kept.
    if (made.kind === 'dir') held.set(key, made);
    return made;
  };
  const nodeAt = (index: number): Node | undefined => {
    const entry = declaredEntry(declared, index);
    return get(entry.name);
  };
  function* entries(): Generator<readonly [key: string, node: Node]> {
    for (let index = 0; index < entryCount; index += 1) {
      const { name } = declaredEntry(declared, index);
      const node = gone.has(index) ? undefined : get(name);
      if (node) yield [name, node];
    }
    for (const key of newcomers) {
      const node = held.get(key);
      if (node) yield [key, node];
    }
  }
  function* all(): Generator<Node> {
    for (const [, node] of entries()) yield node;
  }
  const sortedKeys = (order: EasyOrder): string[] =>
    Array.from(entries(), ([key, node]) => ({
      key,
      rank: order === 'name' ? node.name : `${node.kind === 'dir' ? 0 : 1}${node.name}`,
    }))
      .sort((left, right) => (left.rank < right.rank ? -1 : 1))
      .map(({ key }) => key);
  const changed = () => gone.size > 0 || newcomers.size > 0;

  return {
    get count() {
      return entryCount - gone.size + newcomers.size;
    },
    get,
    keep: (key) => {
      const node = get(key);
      if (node) held.set(key, node);
      return node;
    },
    set: (key, node) => {
      const entry = entryNamed(declared, key);
      if (entry) gone.delete(entry.index);
      else newcomers.add(key);
      held.set(key, node);
      sorted = null;
    },
    delete: (key) => {
      const entry = entryNamed(declared, key);
      if (entry) gone.add(entry.index);
      else newcomers.delete(key);
      held.delete(key);
      sorted = null;
    },
    all,
    page: (order, offset, limit) => {
      const filesFirst = order === 'name' ? filesComeFirst(declared) : false;
      if (filesFirst === null) return null;
      const page: Node[] = [];
      if (!changed()) {
        const folders = declared.folders ?? 0;
        for (let rank = offset; rank < Math.min(entryCount, offset + limit); rank += 1) {
          const node = nodeAt(filesFirst ? (rank + folders) % entryCount : rank);
          if (node) page.push(node);
        }
        return page;
      }
      if (sorted?.order !== order) sorted = { order, keys: sortedKeys(order) };
      for (const key of sorted.keys.slice(offset, offset + limit)) {
        const node = get(key);
        if (node) page.push(node);
      }
      return page;
    },
    rule: () => (changed() || held.size > 0 ? null : declared),
  };
}

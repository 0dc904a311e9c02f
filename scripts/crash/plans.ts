import type { Random } from '../../test/stand-in/random.ts';
import { type Content, sizeOf } from './content.ts';
import { beneath, type Entry, fileAt, parentOf, type Step, type Tree } from './tree.ts';

/*
 * Random work: each plan is what some program would do in one go, in steps. Few names, so that the same ones are met again and again.
 */

/** Files under these names are only ever replaced by rename: on the server they must never be missing. */
export const steadyFolder = 'steady';
export const steadyNames = ['document.txt', 'Таблица.ods', 'photo of a dog.jpg'].map(
  (name) => `${steadyFolder}/${name}`,
);

const names = ['a', 'b.txt', 'c', 'Папка', 'e e', 'f.jpg', 'g', 'h.tar.gz'];
const deepest = 4;
/** Beyond either, more is removed than made: all of it is compared after each crash. */
const mostEntries = 70;
const mostBytes = 24 << 20;
/** One request of the kernel's, wherever it begins: 128 KiB in pages of 4 KiB is the most. */
const atOnceBytes = 64 << 10;
/** From this size on the server is asked to copy. */
const largeBytes = 1 << 20;

export class Planner {
  readonly #random: Random;
  readonly #syncs: 'seldom' | 'often';
  #next: number;

  /** @param firstNumber for files and streams of bytes; no two planners of a campaign have the same ones. `often`: for loss of power */
  constructor(random: Random, firstNumber: number, syncs: 'seldom' | 'often') {
    this.#random = random;
    this.#next = firstNumber;
    this.#syncs = syncs;
  }

  /** What is done first of all. */
  beginning(): Step[] {
    return [{ do: 'make-folder', path: steadyFolder }, ...steadyNames.flatMap((path) => this.#newFile(path))];
  }

  /** Something to do with a tree as it is. */
  plan(tree: Tree): Step[] {
    const plans = isFull(tree)
      ? [this.#remove, this.#remove, this.#removeAll, this.#replace, this.#rename]
      : [
          ...[this.#create, this.#create, this.#create, this.#overwrite, this.#append, this.#patch],
          ...[this.#truncate, this.#replace, this.#replace, this.#replaceSteady, this.#rename, this.#rename],
          ...[this.#makeFolder, this.#makeFolder, this.#remove, this.#removeAll, this.#date],
          ...[this.#copy, this.#copy, this.#copy],
        ];
    for (;;) {
      const steps = this.#one(plans)?.call(this, tree);
      if (steps && steps.length > 0) return steps;
    }
  }

  /** What somebody does with a file of which a crash left a part: writes it anew, or takes it away. */
  again(path: string): Step[] {
    if (!steadyNames.includes(path) && this.#chance(0.5)) return [{ do: 'unlink', path }];
    return [{ do: 'open', path, empties: true }, ...this.#bytes(path, 0), ...this.#end(path)];
  }

  #create(tree: Tree): Step[] {
    const path = this.#freePath(tree);
    return path === undefined ? [] : this.#newFile(path);
  }

  #newFile(path: string): Step[] {
    return [{ do: 'create', path, id: this.#number() }, ...this.#bytes(path, 0), ...this.#end(path)];
  }

  #overwrite(tree: Tree): Step[] {
    return this.#withFile(tree, (path) => [
      { do: 'open', path, empties: true },
      ...this.#bytes(path, 0),
      ...this.#end(path),
    ]);
  }

  #append(tree: Tree): Step[] {
    return this.#withFile(tree, (path) => [
      { do: 'open', path, empties: false },
      ...this.#bytes(path, sizeOf(fileAt(tree, path).content), 100_000),
      ...this.#end(path),
    ]);
  }

  /** In the middle, or behind the end. */
  #patch(tree: Tree): Step[] {
    return this.#withFile(tree, (path) => {
      const at = this.#random.below(sizeOf(fileAt(tree, path).content) + 20_000);
      return [{ do: 'open', path, empties: false }, ...this.#bytes(path, at, 100_000), ...this.#end(path)];
    });
  }

  #truncate(tree: Tree): Step[] {
    return this.#withFile(tree, (path) => {
      const lengthBytes = this.#random.below(sizeOf(fileAt(tree, path).content) + 10_000);
      return [
        { do: 'truncate', path, lengthBytes },
        { do: 'look', path },
      ];
    });
  }

  #date(tree: Tree): Step[] {
    return this.#withFile(tree, (path) => [this.#dateStep(path)]);
  }

  #replace(tree: Tree): Step[] {
    return this.#withFile(tree, (path) => this.#replacement(tree, path));
  }

  #replaceSteady(tree: Tree): Step[] {
    const path = this.#one(steadyNames.filter((name) => tree.has(name)));
    return path === undefined ? [] : this.#replacement(tree, path);
  }

  /** Write beside, sync, rename over: beside it, or elsewhere. */
  #replacement(tree: Tree, path: string): Step[] {
    const folders = this.#folders(tree);
    const folder = this.#chance(0.8) ? parentOf(path) : (this.#one(folders) ?? '');
    const temporary = joined(folder, `.${this.#number()}.tmp`);
    return [
      { do: 'create', path: temporary, id: this.#number() },
      ...this.#bytes(temporary, 0),
      ...(this.#chance(0.8) ? [{ do: 'sync', path: temporary } as const] : []),
      { do: 'close', path: temporary },
      this.#chance(0.3) ? this.#dateStep(temporary) : { do: 'look', path: temporary },
      { do: 'rename', path: temporary, to: path },
      ...this.#folderSync(path),
    ];
  }

  /** `cp` of a file that is large enough for the server to do it: under a new name, over a file, or beside one and then over it. */
  #copy(tree: Tree): Step[] {
    const large = [...tree].filter(
      ([, entry]) => entry.kind === 'file' && sizeOf(entry.content) >= largeBytes,
    );
    const [source, entry] = this.#one(large) ?? [];
    if (source === undefined || entry?.kind !== 'file') {
      const path = this.#freePath(tree);
      if (path === undefined) return [];
      const bytes = this.#stream(path, 0, largeBytes + this.#random.below(200_000));
      return [{ do: 'create', path, id: this.#number() }, ...bytes, ...this.#end(path)];
    }
    const files = [...tree.keys()].filter((path) => path !== source && tree.get(path)?.kind === 'file');
    const over = this.#chance(0.5) ? this.#one(files) : undefined;
    if (over === undefined) {
      const path = this.#freePath(tree);
      if (path === undefined) return [];
      return [
        { do: 'create', path, id: this.#number() },
        ...written(path, entry.content),
        ...this.#end(path),
      ];
    }
    if (steadyNames.includes(over) || this.#chance(0.5)) {
      const temporary = joined(parentOf(over), `.${this.#number()}.tmp`);
      return [
        { do: 'create', path: temporary, id: this.#number() },
        ...written(temporary, entry.content),
        ...this.#end(temporary),
        { do: 'rename', path: temporary, to: over },
        ...(this.#chance(0.3) && !steadyNames.includes(source)
          ? [{ do: 'unlink', path: source } as const]
          : []),
      ];
    }
    return [{ do: 'open', path: over, empties: true }, ...written(over, entry.content), ...this.#end(over)];
  }

  #rename(tree: Tree): Step[] {
    const path = this.#one(changeable(tree));
    const entry = path === undefined ? undefined : tree.get(path);
    if (path === undefined || !entry) return [];
    const to = this.#target(tree, path, entry);
    if (to === undefined || to === path || to.startsWith(`${path}/`)) return [];
    return [{ do: 'rename', path, to }, ...this.#folderSync(to)];
  }

  /** A free name, a file over which a file goes, or an empty folder over which a folder goes. */
  #target(tree: Tree, path: string, entry: Entry): string | undefined {
    if (this.#chance(0.7)) {
      const free = this.#freePath(tree);
      return free !== undefined && depthOf(free) + heightOf(tree, path) <= deepest ? free : undefined;
    }
    const others = changeable(tree).filter((other) => {
      const found = tree.get(other);
      if (found?.kind !== entry.kind || other === path || path.startsWith(`${other}/`)) return false;
      return entry.kind === 'file' || beneath(tree, other).length === 0;
    });
    return this.#one(others);
  }

  #makeFolder(tree: Tree): Step[] {
    const path = this.#freePath(tree);
    if (path === undefined || depthOf(path) >= deepest) return [];
    return [{ do: 'make-folder', path }, ...this.#folderSync(path)];
  }

  #remove(tree: Tree): Step[] {
    const path = this.#one(changeable(tree));
    if (path === undefined) return [];
    if (tree.get(path)?.kind === 'file') return [{ do: 'unlink', path }];
    return beneath(tree, path).length === 0 ? [{ do: 'remove-folder', path }] : [];
  }

  /** `rm -r`. */
  #removeAll(tree: Tree): Step[] {
    const folder = this.#one(changeable(tree).filter((path) => tree.get(path)?.kind === 'folder'));
    if (folder === undefined) return [];
    return [folder, ...beneath(tree, folder)]
      .reverse()
      .map((path) => ({ do: tree.get(path)?.kind === 'folder' ? 'remove-folder' : 'unlink', path }));
  }

  #withFile(tree: Tree, plan: (path: string) => Step[]): Step[] {
    const path = this.#one(changeable(tree).filter((each) => tree.get(each)?.kind === 'file'));
    return path === undefined ? [] : plan(path);
  }

  #bytes(path: string, at: number, mostBytes = 4 << 20): Step[] {
    return this.#stream(path, at, Math.min(mostBytes, this.#size()));
  }

  #stream(path: string, at: number, size: number): Step[] {
    const seed = this.#number();
    const steps: Step[] = [];
    for (let from = 0; from < size; from += atOnceBytes) {
      const piece = { seed, from, lengthBytes: Math.min(atOnceBytes, size - from) };
      steps.push({ do: 'write', path, at: at + from, piece });
    }
    return steps;
  }

  /** Most files are small; some are empty, and a few have some megabytes. */
  #size(): number {
    const kind = this.#random.fraction();
    if (kind < 0.08) return 0;
    if (kind < 0.5) return 1 + this.#random.below(5_000);
    if (kind < 0.65) return 4096 * this.#random.below(30);
    if (kind < 0.95) return this.#random.below(300_000);
    return (1 << 20) + this.#random.below(3 << 20);
  }

  #end(path: string): Step[] {
    return [
      ...(this.#chance(this.#syncs === 'often' ? 0.5 : 0.15) ? [{ do: 'sync', path } as const] : []),
      { do: 'close', path },
      this.#chance(0.25) ? this.#dateStep(path) : { do: 'look', path },
    ];
  }

  #folderSync(path: string): Step[] {
    const folder = parentOf(path);
    if (folder === '' || !this.#chance(this.#syncs === 'often' ? 0.4 : 0.05)) return [];
    return [{ do: 'sync-folder', path: folder }];
  }

  /** In whole milliseconds, between 1990 and 2020. */
  #dateStep(path: string): Step {
    const ms = Date.UTC(1990, 0, 1) + this.#random.below(30 * 365 * 86_400_000);
    return { do: 'date', path, modifiedNs: BigInt(ms) * 1_000_000n };
  }

  #freePath(tree: Tree): string | undefined {
    const folder = this.#one(this.#folders(tree)) ?? '';
    const path = joined(folder, this.#one(names) ?? 'a');
    return tree.has(path) || depthOf(path) > deepest ? undefined : path;
  }

  #folders(tree: Tree): string[] {
    return ['', ...changeable(tree).filter((path) => tree.get(path)?.kind === 'folder')];
  }

  #one<T>(list: readonly T[]): T | undefined {
    return list[this.#random.below(list.length)];
  }

  #chance(probability: number): boolean {
    return this.#random.fraction() < probability;
  }

  #number(): number {
    this.#next += 1;
    return this.#next;
  }
}

/** These very bytes again, piece by piece. */
function written(path: string, content: Content): Step[] {
  const steps: Step[] = [];
  let at = 0;
  for (const { seed, from, lengthBytes } of content)
    for (let done = 0; done < lengthBytes; done += atOnceBytes) {
      const size = Math.min(atOnceBytes, lengthBytes - done);
      steps.push({
        do: 'write',
        path,
        at,
        piece: { seed, from: seed === 0 ? 0 : from + done, lengthBytes: size },
      });
      at += size;
    }
  return steps;
}

/** All but what is steady. */
function changeable(tree: Tree): string[] {
  return [...tree.keys()].filter((path) => path !== steadyFolder && !path.startsWith(`${steadyFolder}/`));
}

function isFull(tree: Tree): boolean {
  if (tree.size > mostEntries) return true;
  return (
    [...tree.values()].reduce((sum, entry) => sum + (entry.kind === 'file' ? sizeOf(entry.content) : 0), 0) >
    mostBytes
  );
}

function depthOf(path: string): number {
  return path.split('/').length;
}

function heightOf(tree: Tree, path: string): number {
  return Math.max(0, ...beneath(tree, path).map((inner) => depthOf(inner) - depthOf(path)));
}

function joined(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

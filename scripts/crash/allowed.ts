import {
  after,
  beneath,
  type Entry,
  type FileEntry,
  fileAt,
  parentOf,
  type Step,
  type Tree,
} from './tree.ts';

/*
 * What may be there after a crash. One program works in a folder of its own, one step after the other, and nobody else does; so there
 * is one row of trees, one a step, and the crash came somewhere in it:
 *
 *   T0 (looked at) ── step ── T1 ── step ── T2 … ── step ── Tn (the last step begun; it may never have been answered)
 *
 * After kill -9 it must be one of the last of them as a whole: none before the last answer that promised something.
 * After a loss of power each path must be as in one of them: none before the last fsync that concerned it.
 */

const pageBytes = 4096;

/** Steps since the tree was looked at last. */
export class Row {
  readonly #trees: Tree[];
  readonly #steps: Step[] = [];
  /** The first tree that may be there after kill -9. */
  #floor = 0;
  #answered = 0;

  constructor(tree: Tree) {
    this.#trees = [tree];
  }

  /** The tree if every step so far is answered. */
  get tree(): Tree {
    return this.#trees.at(-1) ?? new Map();
  }

  /** To be called before the step is made. @throws Error when the plan is wrong */
  begin(step: Step): void {
    this.#trees.push(after(this.tree, step));
    this.#steps.push(step);
  }

  /** The step that was begun last is answered. */
  answered(): void {
    this.#answered = this.#steps.length;
    const step = this.#steps.at(-1);
    if (step && promises(step)) this.#floor = this.#answered;
  }

  /** A file has this date, and nobody has written into it since. */
  dated(path: string, modifiedNs: bigint): void {
    this.#trees.splice(-1, 1, new Map(this.tree).set(path, { ...fileAt(this.tree, path), modifiedNs }));
  }

  /** What may be there after kill -9, the oldest first. */
  afterKill(): Tree[] {
    return this.#withParts(this.#trees.slice(this.#floor));
  }

  /**
   * The kernel may send one write in several, cut where pages end: of the one that was under way, any number may have come. What was being cut may have
   * another date already.
   */
  #withParts(trees: readonly Tree[]): Tree[] {
    const step = this.#steps.at(-1);
    const [before, whole] = [this.#trees.at(-2), this.#trees.at(-1)];
    if (!step || this.#answered === this.#steps.length || !before || !whole) return [...trees];
    return [...trees.slice(0, -1), ...partsOf(step, before), whole];
  }

  /** Of the interrupted ones those that were whole before, so that any state of them may have been sent. */
  patched(): string[] {
    const last = (path: string) =>
      this.#steps.findLast((step) => (step.do === 'open' || step.do === 'create') && step.path === path);
    return this.interrupted().filter((path) => {
      const step = last(path);
      return step?.do === 'open' && !step.empties;
    });
  }

  /** Files that were created, emptied or written and not closed when the crash came: whoever did that has to do it again. */
  interrupted(): string[] {
    const open = new Set<string>();
    for (const [index, step] of this.#steps.entries()) {
      if (step.do === 'create' || step.do === 'open') open.add(step.path);
      if (step.do === 'close' && index < this.#answered) open.delete(step.path);
    }
    return [...open];
  }

  /** What each path may be after a loss of power. */
  afterPowerCut(): PowerCut {
    return new PowerCut(this.#withParts(this.#trees), this.#steps, this.#answered);
  }
}

/** What a step that was not answered may have left, beside all and nothing of it. */
function partsOf(step: Step, before: Tree): Tree[] {
  if (step.do === 'truncate') {
    const file = fileAt(before, step.path);
    return [new Map(before).set(step.path, { ...file, modifiedNs: null })];
  }
  if (step.do !== 'write') return [];
  const parts: Tree[] = [];
  const end = step.at + step.piece.lengthBytes;
  for (let cut = (Math.floor(step.at / pageBytes) + 1) * pageBytes; cut < end; cut += pageBytes)
    parts.push(after(before, { ...step, piece: { ...step.piece, lengthBytes: cut - step.at } }));
  return parts;
}

/** Whether its answer says that it, and all before it, outlasts kill -9. What is written may be lost until the file is closed. */
function promises(step: Step): boolean {
  return step.do !== 'create' && step.do !== 'open' && step.do !== 'write';
}

/** What may be there after a loss of power. */
export class PowerCut {
  readonly #trees: readonly Tree[];
  /** From which tree on a path counts; from the first one unless named. */
  readonly #floors = new Map<string, number>();
  /** Paths that must be there, whatever bytes they have: their folder was synced. */
  readonly #named = new Map<string, number>();
  /** Files that were synced, and when. */
  readonly #synced = new Map<number, number>();

  constructor(trees: readonly Tree[], steps: readonly Step[], answered: number) {
    this.#trees = trees;
    for (const [index, step] of steps.slice(0, answered).entries()) {
      const at = index + 1;
      const tree = trees[at] ?? new Map();
      if (step.do === 'sync') this.#noteSync(tree, step.path, at);
      if (step.do === 'sync-folder') this.#noteFolderSync(step.path, at);
    }
  }

  #noteSync(tree: Tree, path: string, at: number): void {
    this.#floors.set(path, at);
    this.#synced.set(fileAt(tree, path).id, at);
    for (let folder = parentOf(path); folder !== ''; folder = parentOf(folder)) this.#named.set(folder, at);
  }

  #noteFolderSync(folder: string, at: number): void {
    const names = new Set(this.#trees.slice(0, at + 1).flatMap((tree) => beneath(tree, folder)));
    for (const path of names) if (parentOf(path) === folder) this.#named.set(path, at);
  }

  /** What a path may be; undefined among them when it may be missing. */
  entries(path: string): (Entry | undefined)[] {
    const floor = this.#floors.get(path) ?? 0;
    const named = this.#named.get(path) ?? 0;
    return this.#trees.flatMap((tree, at) => {
      const entry = tree.get(path);
      if (at < floor) return [];
      // A synced name: whether it is there, is as it was then or later; its bytes may be older.
      if (at < named && !this.#agrees(path, entry, named)) return [];
      return [entry];
    });
  }

  #agrees(path: string, entry: Entry | undefined, named: number): boolean {
    return this.#trees.slice(named).some((tree) => (tree.get(path) === undefined) === (entry === undefined));
  }

  /** Every path that was ever there. */
  paths(): Set<string> {
    return new Set(this.#trees.flatMap((tree) => [...tree.keys()]));
  }

  /** Whether the bytes of every file that may be there were synced, or not changed at all: it must not be among what was left unfinished. */
  isSettled(path: string): boolean {
    return this.entries(path).every((entry) => entry?.kind !== 'file' || this.#areBytesSure(entry.id));
  }

  #areBytesSure(id: number): boolean {
    const synced = this.#synced.get(id) ?? 0;
    const contents = this.#trees
      .slice(synced)
      .flatMap((tree) => placesOf(tree, id).map(({ file }) => JSON.stringify(file.content)));
    return (
      (synced > 0 || placesOf(this.#trees[0] ?? new Map(), id).length > 0) && new Set(contents).size === 1
    );
  }

  /**
   * Files that were synced and not removed since: each must be found under one of the names that it had since then, with the bytes that
   * it had under it.
   */
  mustBeSomewhere(): { readonly path: string; readonly file: FileEntry }[][] {
    const last = this.#trees.at(-1) ?? new Map<string, Entry>();
    const alive = new Set([...last.values()].flatMap((entry) => (entry.kind === 'file' ? [entry.id] : [])));
    return [...this.#synced]
      .filter(([id]) => alive.has(id))
      .map(([id, at]) => this.#trees.slice(at).flatMap((tree) => placesOf(tree, id)));
  }
}

function placesOf(tree: Tree, id: number): { readonly path: string; readonly file: FileEntry }[] {
  return [...tree].flatMap(([path, file]) =>
    file.kind === 'file' && file.id === id ? [{ path, file }] : [],
  );
}

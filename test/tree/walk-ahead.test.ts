import { beforeEach, describe, expect, it } from 'vitest';
import { type FolderNode, type Node, nodeOf, rootId } from '../../src/tree/node.ts';
import { WalkAhead } from '../../src/tree/walk-ahead.ts';

/** A tree of folders of which a part is listed; listings ahead stay open until they are answered. */
class Forest {
  readonly folders = new Map<number, FolderNode>();
  readonly children = new Map<number, Map<string, Node>>();
  readonly listed = new Set<number>();
  readonly asked: string[] = [];
  readonly answers: { readonly name: string; readonly signal: AbortSignal; readonly answer: () => void }[] =
    [];
  #lastId = rootId;

  constructor() {
    this.folders.set(rootId, folderNode(rootId, 0, 'root'));
    this.children.set(rootId, new Map());
  }

  add(parentId: number, name: string): number {
    const id = ++this.#lastId;
    const folder = folderNode(id, parentId, name);
    this.folders.set(id, folder);
    this.children.set(id, new Map());
    this.children.get(parentId)?.set(name, folder);
    return id;
  }

  folder = (id: number) => this.folders.get(id);
  childrenAtHand = ({ id }: FolderNode) => (this.listed.has(id) ? this.children.get(id) : undefined);
  isGood = ({ id }: FolderNode) => this.listed.has(id);
  relist = (folder: FolderNode, priority: string, signal: AbortSignal) => {
    expect(priority).toBe('ahead');
    this.asked.push(folder.name);
    return new Promise<void>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('let go')));
      const answer = () => {
        this.listed.add(folder.id);
        resolve();
      };
      this.answers.push({ name: folder.name, signal, answer });
    });
  };

  async answerAll(): Promise<void> {
    for (const { answer } of this.answers.splice(0)) answer();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function folderNode(id: number, parentId: number, name: string): FolderNode {
  const node = nodeOf({ name, type: 'dir' } as never, { id, parentId }, `disk:/${name}`, 0);
  if (node.kind !== 'folder') throw new Error('no folder');
  return node;
}

describe('listing ahead of a walk', () => {
  let forest: Forest;
  let nowMs: number;
  let walks: WalkAhead;
  const read = (id: number) => {
    forest.listed.add(id);
    const folder = forest.folder(id);
    if (folder) walks.noteRead(folder);
  };

  beforeEach(() => {
    forest = new Forest();
    nowMs = 0;
    walks = new WalkAhead(forest, () => nowMs);
  });

  it('asks for nothing when somebody looks into a folder, and into one inside', () => {
    const a = forest.add(rootId, 'a');
    forest.add(rootId, 'b');
    read(rootId);
    read(a);
    expect(forest.asked).toEqual([]);
  });

  it('asks for what comes next in the order of the walk: beneath, then the siblings, then those above', async () => {
    const a = forest.add(rootId, 'a');
    forest.add(rootId, 'b');
    forest.add(rootId, 'c');
    const a1 = forest.add(a, 'a1');
    forest.add(a, 'a2');
    forest.add(a1, 'a1x');
    read(rootId);
    read(a);
    read(a1);
    expect(forest.asked).toEqual(['a1x', 'a2', 'b', 'c']);
  });

  it('goes on with what listings ahead have shown, in a window that grows with the walk', async () => {
    const ids = Array.from({ length: 40 }, (_, index) => {
      const id = forest.add(rootId, `f${index}`);
      forest.add(id, `f${index}-in`);
      return id;
    });
    read(rootId);
    read(ids[0] ?? 0);
    read(ids[1] ?? 0);
    expect(forest.asked.slice(0, 4)).toEqual(['f1-in', 'f2', 'f3', 'f4']);
    expect(forest.asked.length).toBe(16);
    for (let round = 0; round < 5; round++) await forest.answerAll();
    // So many folders ahead are listed: there is nothing more to do until the walk goes on.
    const before = forest.asked.length;
    expect(before).toBeLessThanOrEqual(48);
    read(ids[2] ?? 0);
    expect(forest.asked.length).toBeGreaterThan(before);
    expect(new Set(forest.asked).size).toBe(forest.asked.length);
  });

  it('lets go of what is ahead when the walker goes elsewhere, and starts no more', async () => {
    const a = forest.add(rootId, 'a');
    const b = forest.add(rootId, 'b');
    for (let index = 0; index < 20; index++) forest.add(b, `b${index}`);
    const deep = forest.add(a, 'deep');
    const far = forest.add(forest.add(deep, 'x'), 'far');
    read(rootId);
    read(a);
    read(b);
    expect(forest.asked.length).toBeGreaterThan(0);
    const before = forest.asked.length;
    read(far);
    expect(forest.answers.every(({ signal }) => signal.aborted)).toBe(true);
    await new Promise((resolve) => setImmediate(resolve));
    expect(forest.asked.length).toBe(before);
  });

  it('starts nothing more when nobody has walked on for a while', async () => {
    const a = forest.add(rootId, 'a');
    const b = forest.add(rootId, 'b');
    for (let index = 0; index < 60; index++) forest.add(b, `b${index}`);
    read(rootId);
    read(a);
    read(b);
    const before = forest.asked.length;
    nowMs += 10_000;
    await forest.answerAll();
    expect(forest.asked.length).toBe(before);
  });

  it('asks once for what cannot be listed', async () => {
    const a = forest.add(rootId, 'a');
    const b = forest.add(rootId, 'b');
    forest.add(b, 'bad');
    forest.relist = (folder: FolderNode) => {
      forest.asked.push(folder.name);
      return Promise.reject(new Error('no'));
    };
    read(rootId);
    read(a);
    read(b);
    await new Promise((resolve) => setImmediate(resolve));
    read(a);
    read(b);
    expect(forest.asked).toEqual(['bad']);
  });
});

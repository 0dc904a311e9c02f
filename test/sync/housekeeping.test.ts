import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Housekeeping } from '../../src/sync/housekeeping.ts';
import type { FolderNode } from '../../src/tree/node.ts';
import type { Tree } from '../../src/tree/tree.ts';

/** As much of a tree as housekeeping touches: folders by number, of which some are listed. */
class IdleTree {
  idleMs = 0;
  readonly listed: number[] = [];
  readonly failing = new Set<number>();
  forgotten = 0;
  readonly inUse = this;
  readonly #folders: readonly number[];

  constructor(folders: readonly number[]) {
    this.#folders = folders;
  }

  forgetLost(): boolean {
    this.forgotten++;
    if (this.forgotten === 1) throw new Error('the store is busy');
    return this.forgotten < 4;
  }

  unlistedFolder(afterId: number): FolderNode | undefined {
    const id = this.#folders.find((each) => each > afterId && !this.listed.includes(each));
    return id === undefined ? undefined : ({ id } as FolderNode);
  }

  async relist(folder: FolderNode, priority: string): Promise<void> {
    expect(priority).toBe('ahead');
    if (this.failing.has(folder.id)) throw new Error('not now');
    this.listed.push(folder.id);
  }
}

const minuteMs = 60_000;

/** As `pause`, on the clock of the test. */
function wait(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer);
      reject(new Error('aborted'));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, delayMs);
    signal?.addEventListener('abort', onAbort);
  });
}

describe('housekeeping', () => {
  let tree: IdleTree;
  let ending: AbortController;
  let ended: Promise<void>;

  beforeEach(() => {
    vi.useFakeTimers();
    tree = new IdleTree([3, 5, 9]);
    ending = new AbortController();
    ended = new Housekeeping(tree as unknown as Tree, wait).run(ending.signal);
  });
  afterEach(async () => {
    ending.abort();
    await ended;
    vi.useRealTimers();
  });

  it('lists nothing that nobody asked for while somebody looks', async () => {
    tree.idleMs = 4 * minuteMs;
    await vi.advanceTimersByTimeAsync(10 * minuteMs);
    expect(tree.listed).toEqual([]);
  });

  it('lists what is not known when nobody has looked for a while: one folder at a time, slowly, each once', async () => {
    tree.idleMs = 6 * minuteMs;
    await vi.advanceTimersByTimeAsync(2_500);
    expect(tree.listed).toEqual([3]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(tree.listed).toEqual([3, 5]);
    await vi.advanceTimersByTimeAsync(30 * minuteMs);
    expect(tree.listed).toEqual([3, 5, 9]);
  });

  it('goes on behind a folder that cannot be listed, and comes back to it', async () => {
    tree.idleMs = 6 * minuteMs;
    tree.failing.add(3);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(tree.listed).toEqual([5, 9]);
    tree.failing.clear();
    await vi.advanceTimersByTimeAsync(10 * minuteMs);
    expect(tree.listed).toEqual([5, 9, 3]);
  });

  it('forgets what was lost, a bounded number at a time, also after a failure', async () => {
    await vi.advanceTimersByTimeAsync(minuteMs);
    expect(tree.forgotten).toBe(1);
    await vi.advanceTimersByTimeAsync(2 * minuteMs);
    expect(tree.forgotten).toBeGreaterThanOrEqual(4);
  });
});

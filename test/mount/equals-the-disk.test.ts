import { readdir, readFile, stat } from 'node:fs/promises';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { casesOf } from '../all-tests.ts';
import type { SettingsInput } from '../stand-in/settings.ts';
import type { FaultRule } from '../stand-in/wire/index.ts';
import { change, foreignChange } from '../tree/random-changes.ts';
import { contentHash, hashOf, isGone, serverSide, shownByPath, shownByWalk, untilEqual } from './mirror.ts';
import { type MountedDisk, mountDisk } from './mounted-disk.ts';
import { changes, furnish, lasting } from './outside-changes.ts';

interface Scene {
  readonly settings?: SettingsInput;
  readonly faults?: readonly FaultRule[];
  /** Somebody else's files are seen so much later than they are there. */
  readonly seenLateMs?: number;
  /** Everything is in a folder that somebody shares with us, and it is he who changes it. */
  readonly shared?: boolean;
  /** One wait after all changes, which come this long after one another; each is waited for where it is not told. */
  readonly pauseMs?: number;
  /** How many files come at once. */
  readonly crowd?: number;
}

const pollIntervalMs = 400;
/** Far more than any of them takes: what is not equal by then never will be. */
const patienceMs = 100_000;
/** What a reader may meet while others change what he looks at, or while the network fails. */
const { EIO, EISDIR, ENETUNREACH, ESTALE } = constants.errno;
const allowedErrors: readonly number[] = [EIO, EISDIR, ENETUNREACH, ESTALE];
const lossy: readonly FaultRule[] = [
  { route: '*', probability: 0.06, fault: { kind: 'reset', stage: 'before' } },
  { route: '*', probability: 0.06, fault: { kind: 'status', status: 503 } },
  { route: '*', probability: 0.04, fault: { kind: 'status', status: 500 } },
  { route: 'resources.*', probability: 0.06, fault: { kind: 'broken-json', how: 'cut' } },
  { route: '*', probability: 0.04, fault: { kind: 'status', status: 429, headers: { 'retry-after': '0' } } },
  { route: 'storage.get', probability: 0.1, fault: { kind: 'cut', afterBytes: 5 } },
];

const scenes: Record<string, Scene> = {
  'as it is likely': {},
  'the revision of the Disk never moves': { settings: { diskRevisionMoves: 'never' } },
  'the revision moves at half of the changes': { settings: { diskRevisionMoves: 'sometimes' }, pauseMs: 700 },
  'everything lags': {
    settings: { diskRevisionLagMs: 2000, listingLagMs: 3000, totalLagMs: 3000 },
    pauseMs: 700,
  },
  'files are seen late': { seenLateMs: 3000, pauseMs: 900 },
  'resources get new ids and keep their revisions': {
    settings: {
      overwriteKeepsResourceId: false,
      moveKeepsResourceId: false,
      moveMovesRevision: false,
      publishMovesRevision: false,
      folderRevisionFollowsChildren: true,
      folderModifiedFollowsChildren: true,
      moveKeepsModified: false,
      linkAfterOverwrite: 'dead',
      linkAfterDelete: 'dead',
      maxLimit: 500,
    },
    crowd: 1_000,
  },
  'links follow the path, and tell no version': {
    settings: {
      linkAfterOverwrite: 'new',
      etag: 'none',
      moveMovesRevisionBeneath: true,
      totalLagMs: 2000,
      maxLimit: 37,
    },
    pauseMs: 900,
  },
  'a folder that others share, whose changes do not move our revision': {
    settings: { sharedChangesMoveRevision: false },
    shared: true,
  },
  'a lossy wire': { faults: lossy, settings: { maxLimit: 50 }, crowd: 60 },
  'a lossy wire to a Disk that lags': {
    faults: lossy,
    settings: { diskRevisionMoves: 'sometimes', listingLagMs: 1000, etag: 'other' },
    pauseMs: 900,
  },
};

const usually = ['as it is likely', 'everything lags', 'a lossy wire to a Disk that lags'];

/** Walks and reads all the time, as somebody does who is at work while others are. */
class Readers {
  readonly #mounted: MountedDisk;
  readonly #hashes = new Set<string>();
  readonly #ended: Promise<unknown>;
  #stopped = false;
  #looks = true;
  rounds = 0;

  constructor(mounted: MountedDisk) {
    this.#mounted = mounted;
    this.noteContents();
    this.#ended = Promise.all([this.#repeat(() => this.#walk('')), this.#repeat(() => this.#look())]);
    this.#ended.catch(() => {});
  }

  /** All that was ever on the Disk may be read, and nothing else. */
  noteContents(): void {
    const visit = (folder: MountedDisk['disk']['model']['disk']['root']) => {
      for (const node of folder.children.all()) {
        if (node.kind === 'dir') visit(node);
        else this.#hashes.add(contentHash(node.content));
      }
    };
    visit(this.#mounted.disk.model.disk.root);
  }

  /** From now on nothing needs to stay. */
  expectNothingToStay(): void {
    this.#looks = false;
  }

  /** @throws what a reader met that may not be */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#ended;
  }

  async #repeat(task: () => Promise<void>): Promise<void> {
    while (!this.#stopped) {
      await task();
      this.rounds++;
      await sleep(500);
    }
  }

  async #walk(above: string): Promise<void> {
    const names = await this.#allowed(readdir(this.#mounted.path(above)));
    for (const name of names ?? []) {
      if (this.#stopped) return;
      // A crowd is not looked at one by one each time.
      if (/\d[1-9]$/.test(name)) continue;
      const path = `${above}/${name}`;
      const shown = await this.#allowed(stat(this.#mounted.path(path)));
      if (shown?.isDirectory()) await this.#walk(path);
      else if (shown) await this.#read(path);
    }
  }

  async #read(path: string): Promise<void> {
    const bytes = await this.#allowed(readFile(this.#mounted.path(path)));
    if (bytes && !this.#hashes.has(hashOf(bytes)))
      throw new Error(`${path} never had these bytes: ${bytes.toString('latin1').slice(0, 80)}`);
  }

  /** What was there all the time is there all the time, once. */
  async #look(): Promise<void> {
    const folder = this.#mounted.path('crowd');
    if (!this.#looks) return;
    const names = await this.#allowed(readdir(folder));
    if (names && this.#looks) {
      expect(names.filter((name) => name.startsWith('lasting')).sort()).toEqual(lasting);
      expect(new Set(names).size).toBe(names.length);
    }
    const found = await this.#allowed(
      stat(`${folder}/${lasting[7]}`).catch((error) => {
        if (isGone(error) && this.#looks)
          throw new Error(`A file that was there all the time is not found: ${error}`);
        throw error;
      }),
    );
    if (found && this.#looks) expect(found.size).toBe(lasting[7]?.length);
  }

  async #allowed<T>(task: Promise<T>): Promise<T | undefined> {
    return task.catch((error: NodeJS.ErrnoException) => {
      if (isGone(error) || allowedErrors.includes(-(error.errno ?? 0))) return undefined;
      throw error;
    });
  }
}

describe.concurrent('while others change the Disk in every way, the mount comes to be what the Disk is', () => {
  it.each(casesOf(scenes, usually))(
    '%s',
    async (_, scene) => {
      const mounted = await mountDisk({
        standIn: { settings: scene.settings ?? {} },
        mountArguments: ['--poll-interval', `${pollIntervalMs}ms`],
        fill: ({ model }) => {
          furnish(model);
          const share = { isRoot: true, isOwned: false, rights: 'rw' };
          if (scene.shared)
            for (const node of model.disk.root.children.all()) model.touch(`disk:/${node.name}`, { share });
        },
      });
      const { model } = mounted.disk;
      for (const fault of scene.faults ?? []) mounted.disk.wire.faults.add(fault);
      const everSeen = new Set([...serverSide(model).keys(), '/docs/new.txt', '/empty', '/up', '/crowd/500']);
      const byWalk = () => shownByWalk(mounted.mountpoint);
      const byPath = () => {
        for (const path of serverSide(model).keys()) everSeen.add(path);
        return shownByPath(mounted.mountpoint, everSeen);
      };
      const put = (path: string, text: string) => {
        model.putFile(path, text, { seenLateMs: scene.seenLateMs, byOwner: scene.shared });
      };
      await untilEqual(model, byPath, patienceMs);
      const readers = new Readers(mounted);
      try {
        for (const [index, { make }] of changes.entries()) {
          make(model, put, scene.crowd ?? 120);
          readers.noteContents();
          if (scene.pauseMs) await sleep(scene.pauseMs);
          else await untilEqual(model, index % 2 ? byWalk : byPath, patienceMs);
        }
        readers.expectNothingToStay();
        for (const foreign of fc.sample(foreignChange, { numRuns: 60, seed: 4 })) {
          change(model, foreign);
          readers.noteContents();
          await sleep(20);
        }
        await untilEqual(model, byPath, patienceMs);
        await untilEqual(model, byWalk, patienceMs);
        await readers.stop();
        expect(readers.rounds).toBeGreaterThan(4);
      } finally {
        await readers.stop().catch(() => {});
        await mounted.close();
      }
    },
    200_000,
  );
});

import type { BaseContent, LocalNode } from '../tree/local-node.ts';
import { isSameBytes, isUntold } from '../tree/sameness.ts';
import type { Shown } from './sameness.ts';

interface Effect {
  readonly atMs: number;
  /** What was at the place before; undefined: nothing. */
  readonly before: BaseContent | undefined;
}

/** Effects are remembered for so many nodes; beyond, lag is judged by what the node itself tells. */
const mostEffects = 20_000;

/**
 * What we did on the server a short time ago. A server may show the state before it for a while; that is lag then, and not what somebody else
 * has done. Times are monotonic.
 */
export class Effects {
  readonly #lagMs: number;
  readonly #unseenMs: number;
  readonly #now: () => number;
  readonly #startedAtMs: number;
  readonly #byId = new Map<number, Effect>();
  readonly #byFolder = new Map<number, number>();
  readonly #uploadsOf = new Map<number, number>();
  readonly #uploadsInto = new Map<number, number>();
  #lastAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    { lagMs, unseenMs }: { readonly lagMs: number; readonly unseenMs: number },
    now: () => number = () => performance.now(),
  ) {
    this.#lagMs = lagMs;
    this.#unseenMs = unseenMs;
    this.#now = now;
    this.#startedAtMs = now();
  }

  note(id: number, folderId: number, before: BaseContent | undefined): void {
    const atMs = this.#now();
    remember(this.#byId, id, { atMs, before });
    remember(this.#byFolder, folderId, atMs);
    this.#lastAtMs = atMs;
  }

  /** A look has shown what the node starts from now: whatever else is shown at its place, others have done. */
  noteSeen(id: number): void {
    if (!this.#byId.has(id)) this.#byId.set(id, { atMs: Number.NEGATIVE_INFINITY, before: undefined });
  }

  /** A file was uploaded into a folder. */
  noteUpload(id: number, folderId: number): void {
    const atMs = this.#now();
    remember(this.#uploadsOf, id, atMs);
    remember(this.#uploadsInto, folderId, atMs);
  }

  /** Milliseconds since the last upload of a file. */
  sinceUploadOf(id: number): number {
    return this.#now() - (this.#uploadsOf.get(id) ?? Number.NEGATIVE_INFINITY);
  }

  /** Milliseconds since the last upload into a folder. */
  sinceUploadInto(folderId: number): number {
    return this.#now() - (this.#uploadsInto.get(folderId) ?? Number.NEGATIVE_INFINITY);
  }

  /** Something changed in a folder that no look could take for lag. */
  noteLook(folderId: number): void {
    const atMs = this.#now();
    this.#byFolder.delete(folderId);
    this.#byFolder.set(folderId, atMs);
    this.#lastAtMs = atMs;
  }

  forget(id: number): void {
    this.#byId.delete(id);
  }

  /** Milliseconds since the last one in a folder; since this process began, where it has done nothing there. */
  sinceIn(folderId: number): number {
    return this.#now() - (this.#byFolder.get(folderId) ?? this.#startedAtMs);
  }

  /** Whether something that is shown in a folder, and not known here, may come of what we did there. What was there before that `isPast` tells. */
  mayLagIn(folderId: number): boolean {
    return this.#now() - (this.#byFolder.get(folderId) ?? Number.NEGATIVE_INFINITY) < this.#unseenMs;
  }

  /** Of what an earlier process did, since this one began. */
  sinceOf(id: number): number {
    return this.#now() - (this.#byId.get(id)?.atMs ?? this.#startedAtMs);
  }

  get lastAtMs(): number {
    return this.#lastAtMs;
  }

  /** Whether this is what was there before our last effect on the node. */
  wasBefore(id: number, shown: Shown): boolean {
    return isSameBytes(shown.content, this.#byId.get(id)?.before);
  }

  /** Whether a file is shown without the hashes that would tell ours from another, and they may come yet. */
  isUntoldYet(id: number, shown: BaseContent | undefined, ours: BaseContent | undefined): boolean {
    return isUntold(shown, ours) && this.sinceOf(id) < this.#unseenMs;
  }

  /** Whether what is shown in the place of the node may be the state before our last effect on it. What an earlier process replaced is told by `isPast`. */
  isLag({ id, base, replaces }: LocalNode, shown: Shown | undefined): boolean {
    const effect = this.#byId.get(id);
    const from = base ?? replaces?.base;
    if (this.isUntoldYet(id, shown?.content, from?.content)) return true;
    // An earlier process made it, and no listing has shown it since.
    if (!effect && (shown || !from || from.resourceId !== undefined)) return false;
    const sinceMs = this.#now() - (effect?.atMs ?? this.#startedAtMs);
    // Once ours was seen there, what was before it does not come back by itself for long.
    const isUnseen = from?.resourceId === undefined;
    return shown
      ? sinceMs < (isUnseen ? this.#lagMs : this.#unseenMs) && isSameBytes(shown.content, effect?.before)
      : sinceMs < this.#unseenMs;
  }
}

/** As the newest; the oldest go. */
function remember<T>(effects: Map<number, T>, id: number, effect: T): void {
  effects.delete(id);
  effects.set(id, effect);
  for (const oldest of effects.keys()) {
    if (effects.size <= mostEffects) break;
    effects.delete(oldest);
  }
}

import { childPath, type DiskPath } from '../disk-api/paths.ts';
import type { Digest } from '../disk-api/upload-body.ts';
import { failedWith } from '../errors.ts';
import type { DraftState } from '../tree/draft-state.ts';
import type { BaseContent, LocalNode, ServerPlace } from '../tree/local-node.ts';
import type { LocalTree } from '../tree/local-tree.ts';
import type { Node } from '../tree/node.ts';
import { diskNameOf } from '../tree/places.ts';
import type { ServerPaths } from './server-paths.ts';

/** What it is told by; `Sending` has this shape. */
interface Surroundings {
  readonly local: Pick<LocalTree, 'all' | 'node'>;
  readonly paths: Pick<ServerPaths, 'at' | 'expectedFolder'>;
  readonly hooks: {
    readonly filesOf: (sizeBytes: number, digest?: Digest) => readonly Node[];
    readonly heldForMs: (id: number) => number;
  };
  readonly options: { readonly now: () => number; readonly copiedFromBytes: number };
}

/** A version of a file. */
interface Version {
  readonly id: number;
  readonly draft: Pick<DraftState, 'name' | 'version'>;
}

/** A file that the server is known to have. */
interface Candidate {
  readonly path: DiskPath;
  readonly content: BaseContent;
}

/** A delete of what may be copied from waits no longer than this; what is not copied by then goes up. */
const longestWaitMs = 30_000;
/** Of what is due so many are thought of. */
const mostDue = 200;

/**
 * What may be copied on the server in place of being sent: from where, and what is not to be deleted before.
 *
 * A file is a candidate by its size alone; only then is it worth to hash what is to go. By its hash it is a source.
 */
export class Copies {
  readonly #sending: Surroundings;
  /** Large files that are to come to the server. */
  readonly #due = new Set<number>();
  /** By node: the version of which a copy was tried in vain. It goes up. */
  readonly #refused = new Map<number, string>();

  constructor(sending: Surroundings) {
    this.#sending = sending;
  }

  note(node: LocalNode): void {
    if (this.#isDue(node)) this.#due.add(node.id);
    else this.forget(node.id);
  }

  forget(id: number): void {
    this.#due.delete(id);
    this.#refused.delete(id);
  }

  /** This version goes up by its bytes from now on. */
  refuse({ id, draft }: Version): void {
    this.#refused.set(id, versionOf(draft));
  }

  /** Whether there is any file of that size, so that it is worth to hash this one. */
  isWorthHashing({ id, draft }: Version, sizeBytes: number): boolean {
    if (sizeBytes < this.#sending.options.copiedFromBytes) return false;
    if (this.#refused.get(id) === versionOf(draft)) return false;
    for (const _ of this.#candidates(sizeBytes)) return true;
    return false;
  }

  /** Where the server has these bytes, as far as is known. */
  sourcesOf(sizeBytes: number, digest: Digest): DiskPath[] {
    return Array.from(this.#candidates(sizeBytes, digest), ({ path }) => path);
  }

  /** Whether something that is about to come to the server may be copied from what this tombstone is to delete. */
  isAwaited({ base, kind, changedAtMs }: LocalNode): boolean {
    const { local, options, paths } = this.#sending;
    if (!base || this.#due.size === 0 || options.now() - changedAtMs > longestWaitMs) return false;
    const at = paths.at(base);
    let left = mostDue;
    for (const id of this.#due) {
      if (left-- === 0) return false;
      const node = local.node(id);
      const sizeBytes = node?.draft?.sizeBytes;
      if (!node || sizeBytes === undefined || !this.#mayGoSoon(node)) continue;
      // It waits for the name, or the folder, to be free.
      if (isAtOrIn(childPath(paths.expectedFolder(node.parentId), diskNameOf(node)), at)) continue;
      if (kind === 'file' && base.content?.sizeBytes !== sizeBytes) continue;
      for (const { path } of this.#candidates(sizeBytes)) if (isAtOrIn(path, at)) return true;
    }
    return false;
  }

  #isDue({ kind, state, draft }: LocalNode): boolean {
    return (
      kind === 'file' &&
      state === 'shown' &&
      draft !== undefined &&
      draft.version !== draft.sentVersion &&
      draft.sizeBytes >= this.#sending.options.copiedFromBytes
    );
  }

  #mayGoSoon(node: LocalNode): boolean {
    const { id, draft, trouble } = node;
    if (!draft?.finished || trouble || this.#sending.hooks.heldForMs(id) > 0) return false;
    return this.#isDue(node) && this.#refused.get(id) !== versionOf(draft);
  }

  *#candidates(sizeBytes: number, digest?: Digest): Generator<Candidate> {
    const { local, hooks } = this.#sending;
    for (const { base, intent } of local.all()) {
      if (base?.content?.sizeBytes !== sizeBytes || intent) continue;
      const { content } = base;
      if (digest && content.md5 !== digest.md5 && content.sha256 !== digest.sha256) continue;
      yield* this.#at(base, content);
    }
    for (const { id, parentId, remote } of hooks.filesOf(sizeBytes, digest)) {
      // Where the server has it, or that it has it no more, is told by what is here.
      if (local.node(id) || !remote.content) continue;
      yield* this.#at({ parentId, name: remote.name }, remote.content);
    }
  }

  *#at(place: ServerPlace, content: BaseContent): Generator<Candidate> {
    if (content.md5 === undefined && content.sha256 === undefined) return;
    try {
      yield { path: this.#sending.paths.at(place), content };
    } catch (error) {
      if (!failedWith(error, 'no-parent')) throw error;
    }
  }
}

function versionOf({ name, version }: Version['draft']): string {
  return `${name} ${version}`;
}

function isAtOrIn(path: DiskPath, top: DiskPath): boolean {
  return path === top || path.startsWith(`${top}/`);
}

import { Failure } from '../errors.ts';
import type { DraftState } from '../tree/draft-state.ts';
import { longestTargetBytes } from '../tree/mark.ts';
import type { Place } from '../tree/places.ts';
import type { ShownNode } from '../tree/shown-node.ts';
import { traitsOf } from '../tree/shown-traits.ts';
import type { ShownTree } from '../tree/shown-tree.ts';
import { noTraits } from '../tree/traits.ts';
import type { Changes } from './changes.ts';
import type { OpenFiles } from './open-files.ts';
import { type DraftFolder, draftName } from './shared-file.ts';

interface LinksParts {
  readonly shown: Pick<ShownTree, 'serverPath'>;
  readonly changes: Changes | undefined;
  readonly files: Pick<OpenFiles, 'open' | 'read' | 'close'>;
  /** Undefined where nothing can be kept. */
  readonly drafts: DraftFolder | undefined;
}

const replacement = '\uFFFD';

/** Symbolic links: files whose bytes are the target. Nobody here follows them. */
export class Links {
  readonly #parts: LinksParts;

  constructor(parts: LinksParts) {
    this.#parts = parts;
  }

  /** symlink(2): complete when it returns. @throws Failure as `Changes.makeFile`; 'not-found' for an empty target, 'name-too-long', 'invalid' */
  async make(parent: ShownNode, name: string, target: string, signal: AbortSignal): Promise<void> {
    const { changes } = this.#parts;
    if (!changes) throw new Failure('read-only', 'This mount is for reading only');
    // What the kernel's bytes were could not be told: they are no UTF-8.
    if (target.includes(replacement)) throw new Failure('invalid', 'The target of a link is not UTF-8');
    const bytes = Buffer.from(target);
    if (bytes.length === 0) throw new Failure('not-found', 'A link to nothing');
    if (bytes.length > longestTargetBytes) throw new Failure('name-too-long', 'No target is that long');
    const makeDraft = (id: number, place: Place) => this.#makeDraft(id, place, bytes);
    await changes.makeFile(parent, name, { ...noTraits, isLink: true }, makeDraft, signal);
  }

  /**
   * readlink(2).
   * @throws Failure 'invalid' for what is no link, 'damaged' where the bytes are nothing that a link can lead to; as reading a file
   */
  async read(node: ShownNode): Promise<string> {
    const { files } = this.#parts;
    if (!traitsOf(node).isLink) throw new Failure('invalid', `No link: ${node.name}`);
    const bytes = Buffer.alloc(longestTargetBytes + 1);
    const { handle } = await files.open(node, 0);
    try {
      return targetIn(bytes.subarray(0, await files.read(handle, bytes, 0)), node);
    } finally {
      await files.close(handle);
    }
  }

  async #makeDraft(id: number, place: Place, bytes: Buffer): Promise<DraftState> {
    const { drafts, shown } = this.#parts;
    if (!drafts) throw new Failure('read-only', 'Nothing can be kept on this machine');
    const name = draftName(id);
    const draft = await drafts.create({ name, path: shown.serverPath(place), base: undefined });
    try {
      await draft.write(bytes, 0);
      await draft.save();
    } finally {
      await draft.close();
    }
    return { name, sizeBytes: bytes.length, version: 1, sentVersion: undefined, finished: true };
  }
}

/** Others may have put anything there. */
function targetIn(bytes: Buffer, { name }: ShownNode): string {
  const target = bytes.toString('utf8');
  const isWhole = Buffer.from(target).equals(bytes);
  if (!isWhole || bytes.length === 0 || bytes.length > longestTargetBytes || bytes.includes(0))
    throw new Failure('damaged', `The target of a link cannot be one: ${name}`);
  return target;
}

import { Failure } from '../errors.ts';
import { type AttributeChanges, ownAttribute, ownAttributeNames } from '../fs/attribute-changes.ts';
import type { Directories } from '../fs/directories.ts';
import { diskAttribute, diskNames, publicName } from '../fs/disk-attributes.ts';
import type { Answer } from './answer.ts';
import type { Operations } from './binding/operations.ts';
import { nodeAt } from './path-lookup.ts';

interface AttributedTree {
  readonly directories: Directories;
  /** Undefined on a mount for reading only. */
  readonly attributes: AttributeChanges | undefined;
  /** Publishes, or takes the link back. */
  readonly setPublic: (id: number, isPublic: boolean, signal: AbortSignal) => Promise<void>;
}

interface Context {
  readonly signal: AbortSignal;
  readonly answer: Answer;
}

const userNames = 'user.';
/** Flags of setxattr(2). */
const createOnly = 1;
const replaceOnly = 2;

/** libfuse's callbacks for extended attributes. Only those of users are kept: no labels, no capabilities, no access lists. */
export function attributeOperations(
  { directories, attributes, setPublic }: AttributedTree,
  { signal, answer }: Context,
): Partial<Operations> {
  /** Every `ls -l` asks for access lists and labels: no need to look for the file. */
  async function nodeWith(path: string, name: string) {
    if (!name.startsWith(userNames))
      throw new Failure('unsupported', `Attributes such as ${name} are not kept`);
    return nodeAt(directories, path, signal);
  }

  async function change(path: string, task: (to: AttributeChanges) => void | Promise<void>): Promise<void> {
    if (!attributes) throw new Failure('read-only', 'This mount is for reading only', { path });
    await task(attributes);
  }

  return {
    getxattr(path, name, done) {
      const read = async () => {
        const node = await nodeWith(path, name);
        return name.startsWith(diskNames) ? diskAttribute(node, name) : ownAttribute(node, name);
      };
      answer('getxattr', path, read, (value) => done(0, value), done);
    },
    listxattr(path, done) {
      const list = async () => ownAttributeNames(await nodeAt(directories, path, signal));
      answer('listxattr', path, list, (names) => done(0, names), done);
    },
    setxattr(path, name, value, flags, done) {
      // The buffer is ours until we answer.
      const bytes = Buffer.from(value);
      const wish = { isNew: (flags & createOnly) !== 0, isThere: (flags & replaceOnly) !== 0 };
      const set = async () => {
        const node = await nodeWith(path, name);
        await change(path, (to) =>
          name === publicName
            ? setPublic(node.id, publicValue(bytes), signal)
            : to.setAttribute(node, name, bytes, wish),
        );
      };
      answer('setxattr', path, set, () => done(0), done);
    },
    removexattr(path, name, done) {
      const remove = async () => {
        const node = await nodeWith(path, name);
        await change(path, (to) => to.removeAttribute(node, name));
      };
      answer('removexattr', path, remove, () => done(0), done);
    },
  };
}

/** @throws Failure 'invalid' */
function publicValue(bytes: Buffer): boolean {
  const text = bytes.toString('utf8');
  if (text !== '0' && text !== '1') throw new Failure('invalid', `${publicName} is 0 or 1`);
  return text === '1';
}

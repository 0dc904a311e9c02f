import type { Model } from '../../test/stand-in/model/model.ts';
import { type FileNode, type Node, nodeNames } from '../../test/stand-in/model/nodes.ts';
import type { Seen, SeenTree } from './looking.ts';

/** Everything on the Disk as it really is, with the dates that a mount should show. */
export async function seenOnServer(model: Model): Promise<SeenTree> {
  model.disk.settle();
  const seen = new Map<string, Seen>();
  for (const node of [...model.disk.walk(model.disk.root)]) {
    const path = nodeNames(node).join('/');
    if (node.kind === 'dir') {
      seen.set(path, { kind: 'folder' });
      continue;
    }
    const { md5 } = await node.content.hash();
    const modifiedNs = dateOf(node);
    seen.set(path, { kind: 'file', sizeBytes: node.content.sizeBytes, modifiedNs, hash: () => md5 });
  }
  return seen;
}

/** The date that rclone and we store, else the Disk's own, which has whole seconds. */
function dateOf({ properties, modifiedMs }: FileNode): bigint {
  const stored = properties?.['rclone_modified'];
  if (typeof stored !== 'string') return BigInt(Math.floor(modifiedMs / 1000)) * 1_000_000_000n;
  const fraction = /\.(\d{1,9})/.exec(stored)?.[1] ?? '';
  const seconds = Date.parse(stored.replace(/\.\d+/, '')) / 1000;
  return BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
}

/**
 * Watches the Disk from inside, at every change: that names which are only ever replaced are never missing once they were there, and
 * which bytes come to be there.
 */
export class ServerWatch {
  /** What must not happen, and did. */
  readonly mistakes: string[] = [];
  /** MD5 of all bytes that were ever put there, and where first. */
  readonly arrived = new Map<string, string>();
  /** Changes that were looked at. */
  changes = 0;
  readonly #model: Model;
  readonly #steady: readonly string[];
  readonly #present = new Set<string>();
  readonly #waiting: Promise<void>[] = [];
  #isToLook = false;

  /** @param steady paths without a leading slash */
  constructor(model: Model, steady: readonly string[]) {
    this.#model = model;
    this.#steady = steady;
    const { disk } = model;
    const { attach, detach, setContent } = disk;
    disk.attach = (folder, node) => {
      attach.call(disk, folder, node);
      this.#noteBytes(node);
      this.#lookSoon();
    };
    disk.detach = (node) => {
      detach.call(disk, node);
      this.#lookSoon();
    };
    disk.setContent = (file, content) => {
      setContent.call(disk, file, content);
      this.#noteBytes(file);
    };
  }

  /** Until all bytes that came so far are hashed. */
  async settled(): Promise<void> {
    while (this.#waiting.length > 0) await Promise.all(this.#waiting.splice(0));
  }

  /** A change is made in one go: between its parts nobody can look. */
  #lookSoon(): void {
    if (this.#isToLook) return;
    this.#isToLook = true;
    queueMicrotask(() => {
      this.#isToLook = false;
      this.changes += 1;
      for (const path of this.#steady) {
        const isThere = isFile(this.#model, path);
        if (isThere) this.#present.add(path);
        else if (this.#present.delete(path))
          this.mistakes.push(`${path} was missing on the server for a moment`);
      }
    });
  }

  #noteBytes(node: Node): void {
    if (node.kind !== 'file') return;
    const path = nodeNames(node).join('/');
    const hashed = node.content.hash().then(({ md5 }) => {
      if (!this.arrived.has(md5)) this.arrived.set(md5, path);
    });
    this.#waiting.push(hashed);
  }
}

function isFile({ disk }: Model, path: string): boolean {
  return disk.find({ area: 'disk', names: path.split('/') })?.kind === 'file';
}

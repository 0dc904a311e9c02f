import { dirname, join } from 'node:path';
import { Failure } from '../errors.ts';
import { makeFolders } from '../make-folders.ts';
import type { LocalNode } from '../tree/local-node.ts';
import type { LocalTree } from '../tree/local-tree.ts';
import { folderPathHere, pathHere } from './conflict-copy.ts';
import { type Need, needOf } from './differences.ts';
import type { ActiveUpload, ConflictNote, QueueReport, UnsentWork } from './queue-report.ts';
import { needsAttention } from './retry-rules.ts';
import type { SendingHooks } from './sending.ts';
import { type Wait, WaitTally } from './why-waiting.ts';

/** An upload under way, by its node. */
interface UploadUnderWay {
  readonly id: number;
  readonly sentBytes: number;
  readonly sizeBytes: number;
}

interface ViewedParts {
  readonly local: LocalTree;
  readonly hooks: Pick<SendingHooks, 'folder' | 'exportDraft' | 'isOpen'>;
}

/** What is due, by the names that people know. Paths are those in the mount, without a leading slash. */
export class QueueView {
  readonly #sending: ViewedParts;

  constructor(sending: ViewedParts) {
    this.#sending = sending;
  }

  pathOf(node: LocalNode): string {
    return pathHere(this.#sending, node);
  }

  /** Of a folder that may have no local node. */
  folderPath(id: number): string {
    return folderPathHere(this.#sending, id);
  }

  /** At or under the places; all without places. */
  nodesAt(places: readonly string[]): LocalNode[] {
    const all = [...this.#sending.local.all()];
    const wanted = places.map((place) => place.replaceAll(/^\/+|\/+$/g, '')).filter((place) => place !== '');
    if (wanted.length < places.length || places.length === 0) return all;
    return all.filter((node) => {
      const path = this.pathOf(node);
      return wanted.some((place) => path === place || path.startsWith(`${place}/`));
    });
  }

  /** @param whyOf what something that is due waits for; undefined where it is under way, or nothing sends */
  report(
    active: Iterable<UploadUnderWay>,
    conflicts: readonly ConflictNote[],
    whyOf: (node: LocalNode, need: Need) => Wait | undefined,
  ): QueueReport {
    const { local, hooks } = this.#sending;
    let [uploads, uploadBytes, operations, unconfirmed] = [0, 0, 0, 0];
    const unsent: UnsentWork[] = [];
    const waits = new WaitTally();
    for (const node of local.all()) {
      const need = needOf(node);
      const { trouble, draft, intent } = node;
      if (trouble && needsAttention(trouble)) {
        const { code, message, sinceMs } = trouble;
        unsent.push({ path: this.pathOf(node), code, message, sinceMs });
      }
      if (need === 'upload' || intent?.kind === 'upload' || intent?.kind === 'copy') {
        uploads++;
        uploadBytes += draft?.sizeBytes ?? 0;
      } else if (need === 'confirm') unconfirmed += hooks.isOpen(node.id) ? 0 : 1;
      else if (need !== undefined) operations++;
      const wait = need === undefined || need === 'confirm' ? undefined : whyOf(node, need);
      if (wait) waits.add(wait);
    }
    const counts = { uploads, uploadBytes, operations, unconfirmed };
    return { ...counts, active: this.#active(active), waiting: waits.list(), unsent, conflicts };
  }

  #active(active: Iterable<UploadUnderWay>): ActiveUpload[] {
    return [...active].flatMap(({ id, sentBytes, sizeBytes }) => {
      const node = this.#sending.local.node(id);
      return node ? [{ path: this.pathOf(node), sentBytes, sizeBytes }] : [];
    });
  }

  /** Copies the bytes of all unsent files into a folder of this machine, under their paths. @returns the files written */
  async exportTo(folder: string, signal: AbortSignal): Promise<readonly string[]> {
    const written: string[] = [];
    for (const node of this.nodesAt([])) {
      const { draft, state } = node;
      if (!draft || state !== 'shown' || draft.sentVersion === draft.version) continue;
      const file = join(folder, this.pathOf(node));
      if (!file.startsWith(join(folder, '/')))
        throw new Failure('invalid', `Not beneath the folder: ${file}`);
      await makeFolders(dirname(file));
      await this.#sending.hooks.exportDraft(node, draft, file, signal);
      written.push(file);
    }
    return written;
  }
}

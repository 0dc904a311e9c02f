import type { Api } from '../disk-api/api.ts';
import type { DiskPath } from '../disk-api/paths.ts';
import { failedWith } from '../errors.ts';
import type { LocalTree } from '../tree/local-tree.ts';
import { Confirmations } from './confirm-step.ts';
import { Copies } from './copies.ts';
import { deleteStep } from './delete-step.ts';
import { Effects } from './effects.ts';
import { FolderLooks } from './folder-looks.ts';
import { folderStep } from './folder-step.ts';
import { moveStep } from './move-step.ts';
import { MovedThere } from './moved-there.ts';
import { Postponed } from './postponed.ts';
import { propertiesStep } from './properties-step.ts';
import { resolveStep } from './resolve-step.ts';
import type { Sending, SendingHooks, SendingOptions } from './sending.ts';
import { ServerPaths } from './server-paths.ts';
import type { Step } from './step.ts';
import { onDeleted } from './tombstones.ts';
import { uploadStep } from './upload-step.ts';
import { onNoParent } from './vanished.ts';

interface ExecutorParts {
  readonly api: Api;
  /** The folder of the Disk that is the root of the mount. */
  readonly root: DiskPath;
  readonly local: LocalTree;
  readonly hooks: SendingHooks;
  readonly options: SendingOptions;
  /** Whether nothing that changes the Disk is under way. */
  readonly isQuiet: () => boolean;
}

/** After the folder of something was found missing there: what comes next is planned anew. */
const remadeDelayMs = 0;

/**
 * Does single steps on the server. Each looks at what is there, writes down what is about to be done, does it, and takes the result over as the new base;
 * whatever others did in between is never overwritten unseen.
 */
export class Executor {
  readonly sending: Sending;
  readonly #confirmations: Confirmations;

  constructor({ api, root, local, hooks, options, isQuiet }: ExecutorParts) {
    const paths = new ServerPaths(root, local, hooks);
    this.sending = {
      api,
      local,
      hooks,
      options,
      paths,
      effects: new Effects(options.timing),
      looks: new FolderLooks(api),
      moved: new MovedThere(),
      copies: new Copies({ local, hooks, paths, options }),
      moveOver: { isRefused: false },
    };
    this.#confirmations = new Confirmations(this.sending, isQuiet);
  }

  /**
   * @param onProgress told of the bytes of an upload that were handed to the network
   * @throws Failure; Postponed when it is to be tried again without anything being wrong
   */
  async run(step: Step, signal: AbortSignal, onProgress: (sentBytes: number) => void): Promise<void> {
    try {
      await this.#run(step, signal, onProgress);
    } catch (error) {
      if (step.kind === 'confirm' || !failedWith(error, 'no-parent')) throw error;
      await this.#onNoParent(step.id, signal);
      throw new Postponed(remadeDelayMs);
    }
  }

  /** The node is not there any more. */
  forget(id: number): void {
    this.sending.copies.forget(id);
    this.#confirmations.forget(id);
  }

  #run(step: Step, signal: AbortSignal, onProgress: (sentBytes: number) => void): Promise<void> {
    const { sending } = this;
    switch (step.kind) {
      case 'make-folder':
        return folderStep(sending, step.id, signal);
      case 'upload':
        return uploadStep(sending, step.id, { signal, onProgress });
      case 'move':
        return moveStep(sending, step.id, step.aside, signal);
      case 'delete':
        return deleteStep(sending, step.id, step.covers, signal);
      case 'set-properties':
        return propertiesStep(sending, step.id, signal);
      case 'resolve':
        return resolveStep(sending, step.id, signal);
      case 'confirm':
        return this.#confirmations.confirm(step.folderId, step.ids, signal);
    }
  }

  /** Others took the folder away: it is made again for what goes up, and what was to be deleted in it is gone. */
  async #onNoParent(id: number, signal: AbortSignal): Promise<void> {
    const node = this.sending.local.node(id);
    if (!node) return;
    if (node.state === 'deleted') return onDeleted(this.sending, id);
    await onNoParent(this.sending, node.base?.parentId ?? node.parentId, signal);
    if (node.base && node.base.parentId !== node.parentId)
      await onNoParent(this.sending, node.parentId, signal);
  }
}

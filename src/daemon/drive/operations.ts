import type { Api } from '../../disk-api/api.ts';
import { AttributeChanges } from '../../fs/attribute-changes.ts';
import { ChangeTimes } from '../../fs/change-times.ts';
import { Changes } from '../../fs/changes.ts';
import { Directories } from '../../fs/directories.ts';
import { Links } from '../../fs/links.ts';
import type { Operations } from '../../fuse/binding/operations.ts';
import type { KernelView } from '../../fuse/kernel-view.ts';
import { operationsOf } from '../../fuse/operations.ts';
import type { Queue } from '../../sync/queue.ts';
import { type Log, logOperation } from '../log.ts';
import { publishing } from '../publishing.ts';
import { sentFirst } from '../sent-first.ts';
import type { DriveSettings } from '../settings.ts';
import type { Files } from './files.ts';
import type { Trees } from './trees.ts';

interface OperationsParts {
  readonly api: Api;
  readonly trees: Trees;
  readonly files: Files;
  /** Undefined on a mount for reading only. */
  readonly queue: Queue | undefined;
  readonly kernel: KernelView;
  readonly settings: DriveSettings;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** What the kernel is answered by. */
export function openOperations(parts: OperationsParts): Operations {
  const { api, queue, kernel, settings, log, signal } = parts;
  const { tree, shown, local } = parts.trees;
  const { files, drafts, volume, walks } = parts.files;
  const { account, desktopTrash, durability } = settings;
  const times = new ChangeTimes(local);
  const knownAt = (id: number) => tree.shownAt(id);
  const changes = queue && new Changes({ shown, local, files, knownAt, desktopTrash, times });
  const waitUntilSent = sentFirst({ api, queue, local, shown, account });
  return operationsOf(
    {
      directories: new Directories(shown, walks),
      files,
      changes,
      attributes: queue && new AttributeChanges({ shown, local, times, owner: settings }),
      setPublic: publishing({ api, tree, shown, waitUntilSent }),
      links: new Links({ shown, changes, files, drafts }),
      times,
      waitUntilSent: durability === 'server' ? (id) => waitUntilSent(id, signal) : undefined,
      volume,
      owner: settings,
    },
    {
      signal,
      onFailure: (operation, path, error) => logOperation(log, operation, path, error),
      forgetAttributes: (path) => kernel.forgetAttributes(path),
    },
  );
}

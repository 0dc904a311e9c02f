import { hostname } from 'node:os';
import { steadyDateMs } from '../../async/steady-date.ts';
import type { Contents } from '../../content/contents.ts';
import type { Api } from '../../disk-api/api.ts';
import type { DiskPath } from '../../disk-api/paths.ts';
import { slowFromBytes } from '../../sync/neutral-names.ts';
import { Queue } from '../../sync/queue.ts';
import { usualCopiedFromBytes, usualSendingTiming } from '../../sync/sending.ts';
import type { DesktopNotices } from '../desktop-notices.ts';
import type { Identity } from '../identify.ts';
import type { Log } from '../log.ts';
import { sendingHooks } from '../sending-hooks.ts';
import type { DriveSettings } from '../settings.ts';
import type { Files } from './files.ts';
import type { Trees } from './trees.ts';

interface SendingParts {
  readonly api: Api;
  readonly root: DiskPath;
  readonly identity: Identity;
  readonly trees: Trees;
  readonly contents: Contents;
  readonly files: Files;
  readonly settings: DriveSettings;
  readonly desktop: DesktopNotices;
  readonly log: Log;
}

/** The queue of a mount that may be written to; undefined for one that is for reading only, or that can keep nothing. */
export function openQueue(parts: SendingParts): Queue | undefined {
  const { api, root, identity, trees, contents, settings, desktop, log } = parts;
  const { files, drafts: draftsOverContents } = parts.files;
  const { tree, shown, local, freshness } = trees;
  if (!draftsOverContents || settings.readOnly) return undefined;
  const { deletion, writeBackMs, transfers, neutralUploadNames } = settings;
  return new Queue({
    ...{ api, root, local },
    hooks: sendingHooks({
      ...{ api, tree, shown, freshness, files, contents, draftsOverContents, log, desktop },
      uid: identity.uid,
    }),
    options: {
      deletesPermanently: deletion === 'permanently',
      hostName: hostname(),
      now: steadyDateMs,
      timing: usualSendingTiming,
      writeBackMs,
      transfers,
      copiedFromBytes: usualCopiedFromBytes,
      neutralFromBytes: neutralUploadNames ? slowFromBytes : Number.POSITIVE_INFINITY,
    },
  });
}

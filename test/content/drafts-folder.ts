import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { BaseReader, DraftBase } from '../../src/content/base-source.ts';
import type { Draft } from '../../src/content/draft.ts';
import { Drafts } from '../../src/content/drafts.ts';

/** A folder of drafts and what they are made from, without a server. */
export interface DraftsFolder {
  readonly root: string;
  readonly folder: string;
  drafts: Drafts;
  /** What a new process finds. */
  restart(bootId?: string): Promise<void>;
  remove(): Promise<void>;
}

export async function draftsFolder(minFreeBytes = 0): Promise<DraftsFolder> {
  const root = await mkdtemp(join(tmpdir(), 'yadiskfs-test-'));
  const folder = join(root, 'drafts');
  const open = (bootId = 'first') => Drafts.open({ folder, minFreeBytes, bootId });
  const made: DraftsFolder = {
    root,
    folder,
    drafts: await open(),
    restart: async (bootId) => {
      made.drafts = await open(bootId);
    },
    remove: () => rm(root, { recursive: true, force: true }),
  };
  return made;
}

/** No two bytes at 1 KiB, 64 KiB or 1 MiB from each other are alike as a rule. */
export function bytesOf(sizeBytes: number, seed: number): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  let state = (seed * 2654435761 + 1) >>> 0;
  for (let at = 0; at < sizeBytes; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

export interface TestBase {
  readonly content: DraftBase;
  readonly open: () => BaseReader;
  /** Readers that are open. */
  readers: number;
  /** Bytes given out. */
  readBytes: number;
  /** Called before each read; may wait, may throw. */
  gate: (offset: number) => Promise<void>;
}

/** A version on a server, whose reader gives at most `shortBytes` at once. */
export function baseOf(bytes: Buffer, shortBytes = Number.POSITIVE_INFINITY): TestBase {
  const base: TestBase = {
    content: { sizeBytes: bytes.length, md5: undefined, sha256: undefined, versionTag: 'base' },
    readers: 0,
    readBytes: 0,
    gate: () => turn(),
    open: () => {
      base.readers++;
      return {
        read: async (target, offset) => {
          await base.gate(offset);
          const part = bytes.subarray(offset, offset + Math.min(target.length, shortBytes));
          target.set(part);
          base.readBytes += part.length;
          return part.length;
        },
        close: () => {
          base.readers--;
        },
      };
    },
  };
  return base;
}

export async function contentOf(draft: Draft): Promise<Buffer> {
  const bytes = Buffer.alloc(draft.sizeBytes, 0xee);
  const readBytes = await draft.read(bytes, 0);
  if (readBytes !== draft.sizeBytes) throw new Error(`${readBytes} of ${draft.sizeBytes} bytes were read`);
  return bytes;
}

export const never = new AbortController().signal;

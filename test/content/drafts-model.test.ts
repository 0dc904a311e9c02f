import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Draft } from '../../src/content/draft.ts';
import { Drafts } from '../../src/content/drafts.ts';
import { baseOf, bytesOf, contentOf, draftsFolder, never } from './drafts-folder.ts';

/*
 * Random use of a draft against a plain buffer. Changes are not waited for unless something asks for the bytes: they take effect in the order in which
 * they were made. After an end of the process without `save` each byte is the one that was saved last or a later one; after a loss of power, the one that
 * was synced last or a later one.
 */

const baseBytes = bytesOf(6_000, 1);

const operation = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      offset: fc.nat(9_000),
      sizeBytes: fc.nat(1_500),
      seed: fc.nat(),
      isAwaited: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('truncate' as const),
      sizeBytes: fc.nat(9_000),
      isAwaited: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('read' as const),
      offset: fc.nat(9_500),
      sizeBytes: fc.nat(4_000),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('complete' as const), isAwaited: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('save' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('sync' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('freeze' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('stream' as const), isAwaited: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('reopen' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('crash' as const), isPowerLost: fc.boolean() }) },
);

function written(before: Buffer, bytes: Buffer, offset: number): Buffer {
  const after = Buffer.alloc(Math.max(before.length, offset + bytes.length));
  before.copy(after);
  bytes.copy(after, offset);
  return after;
}

function truncated(before: Buffer, sizeBytes: number): Buffer {
  const after = Buffer.alloc(sizeBytes);
  before.copy(after);
  return after;
}

interface Frozen {
  readonly bytes: ReturnType<Draft['freeze']>;
  readonly expected: Buffer;
}

async function expectFrozen({ bytes, expected }: Frozen): Promise<void> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of (await bytes).stream(0)) chunks.push(chunk);
  expect(Buffer.concat(chunks).equals(expected)).toBe(true);
}

/** Each byte must be that of one of the states. */
function expectFromStates(bytes: Buffer, states: readonly Buffer[]): void {
  const wrong = [...bytes.keys()].filter((at) => !states.some((state) => state[at] === bytes[at]));
  expect(wrong).toEqual([]);
}

it('holds what a plain buffer holds, and after a crash nothing that never was', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(operation, { minLength: 1, maxLength: 40 }),
      fc.boolean(),
      async (operations, hasBase) => {
        const test = await draftsFolder();
        const base = baseOf(baseBytes, 700);
        let folder = test.folder;
        let { drafts } = test;
        let boots = 0;
        let copies = 0;
        let draft = await drafts.create({
          name: 'draft',
          path: 'disk:/a',
          ...(hasBase ? { base: { content: base.content, open: base.open } } : {}),
        });
        let model = hasBase ? baseBytes : Buffer.alloc(0);
        /** States since the last `save`, and since the last `sync`; undefined before that. */
        let sinceSave = [model];
        let sinceSync: Buffer[] | undefined;
        let pending: Promise<unknown>[] = [];
        const settle = async () => {
          await Promise.all(pending);
          pending = [];
        };
        let frozen: Frozen[] = [];
        const thaw = async () => {
          await settle();
          for (const each of frozen) {
            await expectFrozen(each);
            await (await each.bytes).close();
          }
          frozen = [];
        };
        /** The file as it was synced; undefined when it was cut off since. */
        let syncedFile: Buffer | undefined;
        const change = (next: Buffer) => {
          // What was behind an old end does not come back when the file grows again.
          if (next.length > model.length) {
            sinceSave = sinceSave.map((state) => state.subarray(0, model.length));
            sinceSync = sinceSync?.map((state) => state.subarray(0, model.length));
          }
          if (next.length < model.length) syncedFile = undefined;
          model = next;
          sinceSave.push(model);
          sinceSync?.push(model);
        };
        try {
          for (const step of operations) {
            switch (step.kind) {
              case 'write': {
                const bytes = bytesOf(step.sizeBytes, step.seed);
                pending.push(draft.write(Buffer.from(bytes), step.offset));
                if (bytes.length > 0) change(written(model, bytes, step.offset));
                if (step.isAwaited) await settle();
                break;
              }
              case 'truncate':
                pending.push(draft.truncate(step.sizeBytes));
                change(truncated(model, step.sizeBytes));
                if (step.isAwaited) await settle();
                break;
              case 'read': {
                await settle();
                const target = Buffer.alloc(step.sizeBytes, 0xee);
                const readBytes = await draft.read(target, step.offset);
                const expected = model.subarray(step.offset, step.offset + step.sizeBytes);
                expect(target.subarray(0, readBytes).equals(expected)).toBe(true);
                break;
              }
              case 'complete':
                pending.push(draft.complete(never));
                if (!step.isAwaited) break;
                await settle();
                expect(draft.isComplete).toBe(true);
                break;
              case 'save':
                await settle();
                await draft.save();
                sinceSave = [model];
                break;
              case 'sync':
                await settle();
                await draft.sync();
                sinceSave = [model];
                sinceSync = [model];
                syncedFile = await readFile(join(folder, 'draft.draft'));
                break;
              case 'freeze':
                if (!draft.isComplete) break;
                frozen.push({ bytes: draft.freeze(), expected: model });
                break;
              case 'stream':
                for (const each of frozen) pending.push(expectFrozen(each));
                if (step.isAwaited) await settle();
                break;
              case 'reopen': {
                await thaw();
                const { version } = draft;
                await draft.close();
                draft = await drafts.openExisting('draft', { version, openBase: base.open });
                sinceSave = [model];
                break;
              }
              case 'crash': {
                await thaw();
                const { version } = draft;
                const isPowerLost = step.isPowerLost && sinceSync !== undefined;
                if (isPowerLost) boots++;
                // What the process that ended goes on to do is done elsewhere.
                const left = `${test.folder}-${copies++}`;
                await cp(folder, left, { recursive: true });
                await draft.close();
                folder = left;
                if (isPowerLost && syncedFile) {
                  // None of the bytes since then has reached the disk; how long the file is has.
                  await writeFile(join(folder, 'draft.draft'), truncated(syncedFile, model.length));
                  sinceSync?.push(truncated(sinceSync[0] ?? model, model.length));
                }
                drafts = await Drafts.open({
                  folder,
                  minFreeBytes: 0,
                  bootId: boots === 0 ? 'first' : `${boots}`,
                });
                draft = await drafts.openExisting('draft', { version, openBase: base.open });
                const bytes = await contentOf(draft);
                expect(bytes.length).toBe(model.length);
                expectFromStates(bytes, isPowerLost ? (sinceSync ?? []) : sinceSave);
                if (!hasBase && !isPowerLost) expect(bytes.equals(model)).toBe(true);
                model = bytes;
                sinceSave.push(model);
                sinceSync?.push(model);
                break;
              }
            }
          }
          await thaw();
          await draft.complete(never);
          const bytes = await contentOf(draft);
          expect(bytes.equals(model)).toBe(true);
          const streamed: Uint8Array[] = [];
          for await (const chunk of draft.stream(0)) streamed.push(chunk);
          expect(Buffer.concat(streamed).equals(model)).toBe(true);
        } finally {
          await Promise.allSettled(pending);
          await draft.close();
          await test.remove();
        }
        expect(base.readers).toBe(0);
      },
    ),
    { numRuns: 200 },
  );
}, 240_000);

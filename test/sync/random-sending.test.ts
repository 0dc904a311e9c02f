import fc from 'fast-check';
import { expect, test } from 'vitest';
import { failedWith } from '../../src/errors.ts';
import { VirtualTime } from '../model/virtual-time.ts';
import type { SettingsInput } from '../stand-in/settings.ts';
import type { FaultRule } from '../stand-in/wire/index.ts';
import { SendingDrive } from './sending-drive.ts';

const name = fc.constantFrom('a', 'b', 'c', 'd');
/** Among what is there. */
const pick = fc.nat({ max: 1_000 });

/** Some often, so that there is something to be copied. */
const text = fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom('here before', 'here too', 'again'));

const action = fc.oneof(
  fc.record({ kind: fc.constant('write' as const), folder: pick, name, text }),
  fc.record({ kind: fc.constant('mkdir' as const), folder: pick, name }),
  fc.record({ kind: fc.constant('rename' as const), entry: pick, folder: pick, name }),
  fc.record({ kind: fc.constant('remove' as const), entry: pick }),
  fc.record({
    kind: fc.constant('chmod' as const),
    entry: pick,
    permissions: fc.constantFrom(undefined, 0o755, 0o700),
  }),
  fc.record({ kind: fc.constant('pause' as const), ms: fc.integer({ min: 0, max: 150 }) }),
  fc.record({ kind: fc.constant('restart' as const) }),
);
type Action = typeof action extends fc.Arbitrary<infer Value> ? Value : never;

/** How files come to the server: copied there where that can be done, under neutral names, or straight. */
const ways = fc.record({
  copiedFromBytes: fc.constantFrom(1, Number.POSITIVE_INFINITY),
  neutralFromBytes: fc.constantFrom(1, 9, Number.POSITIVE_INFINITY),
});

const changes = [
  'resources.put',
  'resources.delete',
  'resources.move',
  'resources.patch',
  'resources.copy',
  'uploader.put',
];

const faults: Readonly<Record<string, readonly FaultRule[]>> = {
  none: [],
  'replies lost before and after the effect': [
    { route: changes, fault: { kind: 'lost-reply' }, probability: 0.15 },
    { route: changes, fault: { kind: 'reset' }, probability: 0.1 },
  ],
  'locks and refusals that pass': [
    {
      route: changes.slice(0, 5),
      fault: { kind: 'status', status: 423, error: 'DiskResourceLockedError' },
      probability: 0.2,
    },
    {
      route: [...changes, 'resources.upload-link'],
      fault: { kind: 'status', status: 503 },
      probability: 0.1,
    },
  ],
};

const worlds: Readonly<Record<string, SettingsInput>> = {
  'a quick server': {},
  'a server whose operations take time': {
    operationMs: 60,
    fileDeleteIsAsync: true,
    uploadAnswer: 202,
    lateCommitMs: 60,
  },
  'a server that keeps no ids and no properties': {
    overwriteKeepsResourceId: false,
    moveKeepsResourceId: false,
    moveKeepsProperties: false,
    copyKeepsProperties: false,
    overwriteKeepsPublication: false,
  },
  'a server that lags': { listingLagMs: 150, finalAfterMs: 60, patchBeforeFinal: 'mixed' },
};

async function perform(drive: SendingDrive, step: Action): Promise<void> {
  if (step.kind === 'pause') {
    await new Promise((resolve) => setTimeout(resolve, step.ms));
    return;
  }
  if (step.kind === 'restart') {
    await drive.restart();
    drive.run();
    return;
  }
  const all = await drive.everything();
  const paths = [...all.keys()];
  const folders = ['', ...paths.filter((path) => all.get(path)?.startsWith('folder'))];
  const entry = 'entry' in step ? paths[step.entry % Math.max(1, paths.length)] : undefined;
  if (step.kind === 'remove') {
    if (entry !== undefined) await drive.removeAll(entry);
    return;
  }
  if (step.kind === 'chmod') {
    const { permissions } = step;
    if (entry !== undefined) await drive.setTraits(entry, (traits) => ({ ...traits, permissions }));
    return;
  }
  const folder = folders[step.folder % folders.length] ?? '';
  const path = folder === '' ? step.name : `${folder}/${step.name}`;
  if (step.kind === 'write') await drive.write(path, step.text);
  else if (step.kind === 'rename') {
    if (entry !== undefined) await drive.renameAsAllowed(entry, path);
  } else if (!(await drive.find(path))) await drive.mkdir(path);
}

for (const [world, settings] of Object.entries(worlds))
  for (const [weather, rules] of Object.entries(faults))
    test(`whatever is done here is on ${world} in the end; faults: ${weather}`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 25 }), ways, async (actions, way) => {
          // With clocks of its own: what a busy machine makes late would look like what others do.
          await new VirtualTime().run(async () => {
            const drive = await SendingDrive.start({}, way);
            for (const folder of ['a', 'b/c']) drive.disk.model.mkdir(`disk:/${folder}`, { parents: true });
            drive.disk.model.putFile('disk:/a/b', 'here before');
            drive.disk.model.putFile('disk:/b/c/d', 'here too');
            await drive.everything();
            drive.disk.control.set(settings);
            for (const rule of rules) drive.disk.wire.faults.add(rule);
            drive.run();
            for (const step of actions) await perform(drive, step).catch(unlessNotAllowed);
            const wanted = await drive.everything();
            await drive.settle(60_000);
            drive.disk.wire.faults.clear();
            await drive.stop();
            expect(drive.notices.filter(({ kind }) => kind !== 'failed')).toEqual([]);
            const there = await drive.everythingThere();
            expect(drive.drafts.size).toBe(0);
            if (settings.listingLagMs) {
              // Listings that lag may have shown once more what had gone, until they are asked for again; but no bytes are lost, and nothing came.
              const bytesOf = (all: Map<string, string>) => new Set([...all.values(), 'folder']);
              expect(bytesOf(there)).toEqual(bytesOf(wanted));
              expect([...wanted.keys()]).toEqual(expect.arrayContaining([...there.keys()]));
              return;
            }
            expect(there).toEqual(wanted);
            // What it knows now without asking is what it shows, too.
            expect(await drive.everything()).toEqual(wanted);
          });
        }),
        { numRuns: Number(process.env['RUNS'] ?? 3), endOnFailure: true },
      );
    }, 300_000);

function unlessNotAllowed(error: unknown): void {
  if (failedWith(error, 'not-found')) return;
  if (!(error instanceof Error) || !/^Not (shown|a folder|allowed)/.test(error.message)) throw error;
}

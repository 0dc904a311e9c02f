import { expect, onTestFinished, test } from 'vitest';
import { allQuestions } from '../../scripts/probing/catalogue.ts';
import type { Person } from '../../scripts/probing/person.ts';
import { Probe } from '../../scripts/probing/probe.ts';
import type { OptIn, Question } from '../../scripts/probing/question.ts';
import { type ProbeReport, reportText } from '../../scripts/probing/report.ts';
import { remove, trash } from '../../scripts/probing/resources.ts';
import { upload } from '../../scripts/probing/uploads.ts';
import { type StandIn, startStandIn } from '../stand-in/index.ts';
import type { SettingsInput } from '../stand-in/settings.ts';
import { withShared } from './cases.ts';
import { largeBytes, probeRunning, probeStandIn, standInClock } from './probing.ts';

const everything: readonly OptIn[] = ['large', 'public', 'shared', 'patient', 'oauth'];
const subject = { largeSizesBytes: [largeBytes], shared: undefined, client: undefined };
const nobody: Person = { present: false, tell: () => {}, confirm: async () => false };

/** A Disk that somebody lives on: files, a public one, things in the trash. */
function furnish(disk: StandIn): void {
  const { model } = disk;
  model.putFile('disk:/Letters/to-my-notary.txt', 'secret', { properties: { rclone_modified: 'yesterday' } });
  model.putFile('disk:/holiday.jpg', 'not really a picture');
  model.putFile('disk:/yadiskfs-probe-notes.txt', 'mine, and only called like that');
  model.mkdir('disk:/yadiskfs-probe-archive');
  model.publish('disk:/holiday.jpg');
  model.putFile('disk:/old diary.txt', 'gone');
  model.remove('disk:/old diary.txt');
}

test('a whole run answers every question, within what it announced, and leaves the Disk as it was', async () => {
  const disk = await started({ operationMs: 10 });
  furnish(disk);
  withShared.fill?.(disk);
  const before = await disk.control.tree();
  const report = await probeRunning(disk, { ...withShared, optedIn: everything });

  expect(report.questions.filter(({ state }) => state !== 'answered')).toEqual([]);
  expect(report).toMatchObject({ complete: true, tooMany: [], cleaning: { complete: true } });
  const after = await disk.control.tree();
  const theirs = 'disk:/From a friend/theirs.txt';
  expect(after.entries.filter(({ path }) => path !== theirs)).toEqual(before.entries);
  expect(after.trash).toEqual(before.trash);
  expect(after.trashBytes).toBe(before.trashBytes);

  const announced = allQuestions({ ...subject, shared: 'x' });
  for (const { id, requests, settings } of report.questions) {
    const question = announced.find((each) => each.id === id);
    expect(requests).toBeLessThanOrEqual(question?.requests ?? 0);
    expect(settings).toEqual(question?.settings);
  }
  const announcedBytes = announced.reduce((sum, { uploadBytes }) => sum + uploadBytes, 0);
  const formBytes = 100_000;
  expect(report.uploadedBytes).toBeLessThanOrEqual(announcedBytes + formBytes);
});

test('an ordinary run takes about a third of the requests that were announced', async () => {
  const { report } = await probeStandIn({ operationMs: 15 });
  const announced = allQuestions(subject)
    .filter(({ needs }) => needs === undefined)
    .reduce((sum, { requests }) => sum + requests, 0);
  expect(report.requests / announced).toBeGreaterThan(0.25);
  expect(report.requests / announced).toBeLessThan(0.45);
});

test('the report tells no token, no link, nobody’s names', async () => {
  const disk = await started({ operationMs: 10 });
  furnish(disk);
  const report = await probeRunning(disk, { optedIn: ['public', 'oauth'] });
  const told = `${reportText(report)}${JSON.stringify(report)}`;
  const { clientSecret, uid, login } = disk.settings;
  const words = [disk.token, clientSecret, uid, login, 'upload-target', '/rdisk/', 'fsize=', 'yadi.sk'];
  const names = ['notary', 'holiday', 'diary', 'notes', 'archive'];
  expect([...words, ...names].filter((word) => told.includes(word))).toEqual([]);
});

/** As unlike the assumptions as can be, in everything that does not exclude something else. */
const strange: SettingsInput = {
  operationMs: 15,
  operationMsPerItem: 5,
  operationEffect: 'start',
  operationHref: 'query',
  operationFailedWord: 'failure',
  fileDeleteIsAsync: true,
  uploadLocksPath: true,
  patchBeforeFinal: 'drop',
  folderRevisionFollowsChildren: true,
  folderModifiedFollowsChildren: true,
  limitAboveMax: 'reject',
  maxLimit: 777,
  defaultOrder: 'unspecified',
  filesOrder: 'name',
  overwriteKeepsResourceId: false,
  overwriteKeepsProperties: true,
  overwriteKeepsPublication: false,
  overwriteKeepsCreated: false,
  moveKeepsResourceId: false,
  moveKeepsProperties: false,
  moveKeepsPublication: false,
  moveKeepsCreated: false,
  moveKeepsModified: false,
  moveMovesRevisionBeneath: true,
  moveReclassifies: false,
  copyKeepsProperties: false,
  overwriteCheckedAt: 'commit',
  copyOntoFile: 'overwrite',
  moveOntoFile: 'conflict',
  ontoFolder: 'conflict',
  restoreOntoExisting: 'locked',
  restoreKeepsModified: true,
  md5GuardsDelete: false,
  saveUrlCollision: 'overwrite',
  nameComparison: 'case',
  nameStoredAs: 'nfc',
  nameTrailing: 'strip',
  nameWindowsSet: 'rewrite',
  nameControls: 'reject',
  nameUnit: 'bytes',
  propertiesMax: 512,
  propertiesUnit: 'bytes',
  uploadLinkReusedStatus: 410,
  cutBody: 'keep',
  chunkedUploads: true,
  uploadResume: true,
  uploadByHash: true,
  deadLinkStatus: 500,
  linkAfterOverwrite: 'new',
  linkAfterDelete: 'dead',
  ranges: false,
  etag: 'none',
  redirectHops: 2,
  emptyFileHasLink: false,
  previewNeedsToken: true,
  ownFolderDownload: 'refused',
};

test('a stand-in set up as the report says behaves like the Disk that was asked', async () => {
  const first = await probeStandIn(strange, { optedIn: ['public'] });
  expect(failures(first.report)).toEqual([]);
  const second = await probeStandIn(
    { ...first.report.settings, operationMs: 15, operationMsPerItem: 5 },
    { optedIn: ['public'] },
  );
  expect(failures(second.report)).toEqual([]);
  expect(sure(second.report)).toEqual(sure(first.report));
  for (const [setting, value] of Object.entries(strange)) {
    if (!setting.startsWith('operationMs'))
      expect({ [setting]: first.report.settings[setting as keyof SettingsInput] }).toEqual({
        [setting]: value,
      });
  }
});

test('what one question runs into does not stop the others', async () => {
  const disk = await started({ operationMs: 10 });
  disk.wire.faults.add({ route: 'resources.copy', fault: { kind: 'status', status: 500 } });
  disk.wire.faults.add({ route: 'trash.restore', fault: { kind: 'broken-json', how: 'html' } });
  const only = ['copy-effects', 'trash-restore', 'deleting', 'name-twins'];
  const report = await probeRunning(disk, { only });
  const states = Object.fromEntries(report.questions.map(({ id, state, reason }) => [id, reason ?? state]));
  expect(states).toMatchObject({
    'copy-effects': expect.stringContaining('500'),
    deleting: 'answered',
    'name-twins': 'answered',
  });
  expect(report.cleaning.complete).toBe(true);
  expect((await disk.control.tree()).entries).toEqual([]);
});

test('a question that asks more than it said is stopped there', async () => {
  const disk = await started({});
  const greedy = question('greedy', 7, async (bench) => {
    for (;;) await bench.disk();
  });
  const report = await run(disk, [greedy]);
  expect(report.questions[0]).toMatchObject({ state: 'failed', requests: 7 });
  expect(report.questions[0]?.reason).toContain('7 requests');
});

test('an interruption in the middle of a question leaves nothing behind, and what was found is told', async () => {
  const disk = await started({ operationMs: 1000 });
  const stop = new AbortController();
  const first = question('first', 20, async (_, answer) => answer.is('ranges', true));
  const second = question('second', 20, async (bench) => {
    await upload(bench, bench.path('file.txt'), bench.text());
    await trash(bench, bench.path('file.txt'));
    stop.abort();
    await upload(bench, bench.path('never.txt'), bench.text());
  });
  const report = await run(disk, [first, second, question('third', 5, async () => {})], stop.signal);
  expect(report).toMatchObject({
    complete: false,
    stopped: 'it was interrupted',
    settings: { ranges: true },
  });
  expect(report.questions.map(({ id, state }) => [id, state])).toEqual([
    ['first', 'answered'],
    ['second', 'failed'],
    ['third', 'not asked'],
  ]);
  expect(report.cleaning).toEqual({ complete: true, trashItems: 1, left: undefined });
  const { entries, trash: items } = await disk.control.tree();
  expect([...entries, ...items]).toEqual([]);
});

test('cleaning waits for a lock to end', async () => {
  const disk = await started({});
  const locking = question('locking', 5, async (bench) => {
    disk.control.lock(bench.folder, 4000);
    expect((await remove(bench, bench.folder)).status).toBe(423);
  });
  const report = await run(disk, [locking]);
  expect(report.cleaning.complete).toBe(true);
  expect((await disk.control.tree()).entries).toEqual([]);
});

test('when the network goes the run ends, says what is left, and a later one takes it away', async () => {
  const disk = await started({});
  furnish(disk);
  const before = await disk.control.tree();
  const trashing = question('trashing', 20, async (bench) => {
    await upload(bench, bench.path('file.txt'), bench.text());
    await trash(bench, bench.path('file.txt'));
    await upload(bench, bench.path('other.txt'), bench.text());
    disk.wire.cut();
    await bench.disk();
  });
  const next = (id: string) => question(id, 5, async (bench) => void (await bench.disk()));
  const report = await run(disk, [trashing, next('second'), next('third'), next('fourth')]);
  expect(report.complete).toBe(false);
  expect(report.questions.map(({ state }) => state)).toEqual(['failed', 'failed', 'not asked', 'not asked']);
  expect(report.cleaning.left).toContain('disk:/yadiskfs-probe-');

  disk.wire.restore();
  const probe = probeOf(disk);
  const [left, ...others] = await probe.leftovers();
  expect(others).toEqual([]);
  expect(report.cleaning.left).toContain(left);
  expect(await probe.clean(left ?? '')).toMatchObject({ complete: true, trashItems: 1 });
  expect(await probe.leftovers()).toEqual([]);
  const after = await disk.control.tree();
  expect(after.entries).toEqual(before.entries);
  expect(after.trash).toEqual(before.trash);
});

test('what is no folder of the probe is never cleaned', async () => {
  const disk = await started({});
  furnish(disk);
  const probe = probeOf(disk);
  for (const path of ['disk:/', 'disk:/Letters', 'disk:/yadiskfs-probe-archive', 'disk:/yadiskfs-probe-'])
    await expect(probe.clean(path)).rejects.toThrow('not a folder of the probe');
  expect(disk.model.find('disk:/yadiskfs-probe-archive')).toBeDefined();
});

test('no question can change what is not the probe’s, whatever it asks', async () => {
  const disk = await started({});
  furnish(disk);
  const before = await disk.control.tree();
  const item = before.trash[0]?.path ?? '';
  const refused: string[] = [];
  const harmful = question('harmful', 50, async (bench) => {
    const mine = bench.path('mine');
    const { folder } = bench;
    const calls: [string, string, Record<string, string>][] = [
      ['DELETE', '/resources', { path: 'disk:/' }],
      ['DELETE', '/resources', { path: 'disk:/Letters', permanently: 'true' }],
      ['DELETE', '/resources', { path: `${folder.split('/').slice(0, 2).join('/')}-else` }],
      ['DELETE', '/trash/resources', {}],
      ['DELETE', '/trash/resources', { path: '' }],
      ['DELETE', '/trash/resources', { path: 'trash:/' }],
      ['DELETE', '/resources', { path: item }],
      ['PUT', '/trash/resources/restore', { path: item, name: '/Letters/restored' }],
      ['PATCH', '/resources', { path: 'disk:/' }],
      ['PUT', '/resources', { path: 'disk:/New' }],
      ['PUT', '/resources/publish', { path: 'disk:/Letters' }],
      ['POST', '/resources/move', { from: 'disk:/Letters', path: mine }],
      ['POST', '/resources/copy', { from: mine, path: 'disk:/Letters/copy' }],
      ['GET', '/resources/upload', { path: 'disk:/holiday.jpg', overwrite: 'true' }],
      ['POST', '/resources/upload', { url: 'http://127.0.0.1:9/', path: 'disk:/holiday.jpg' }],
    ];
    for (const [method, route, parameters] of calls) {
      await bench
        .api(method, route, parameters, method === 'PATCH' ? {} : undefined)
        .catch((error: Error) => {
          refused.push(error.message);
        });
    }
    expect(refused).toHaveLength(calls.length);
  });
  const report = await run(disk, [harmful]);
  expect(report.questions[0]).toMatchObject({ state: 'answered', requests: 1 });
  expect(refused.every((message) => message.includes('which is not the probe'))).toBe(true);
  expect(await disk.control.tree()).toMatchObject({ entries: before.entries, trash: before.trash });
});

function question(id: string, requests: number, ask: Question['ask']): Question {
  return { id, title: id, settings: [], promises: [], requests, uploadBytes: 0, ask };
}

async function started(settings: SettingsInput): Promise<StandIn> {
  const disk = await startStandIn({ settings });
  onTestFinished(() => disk.close());
  return disk;
}

function probeOf(disk: StandIn, signal = new AbortController().signal): Probe {
  const probe = new Probe({
    apiUrl: new URL(disk.apiUrl),
    oauthUrl: undefined,
    tokens: { accessToken: async () => disk.token },
    requestsPerSecond: 0,
    clock: standInClock(disk),
    person: nobody,
    signal,
  });
  onTestFinished(() => probe.close());
  return probe;
}

function run(disk: StandIn, questions: readonly Question[], signal?: AbortSignal): Promise<ProbeReport> {
  return probeOf(disk, signal).run(questions, new Set());
}

function failures(report: ProbeReport) {
  return report.questions
    .filter(({ state }) => state === 'failed')
    .map(({ id, reason }) => `${id}: ${reason}`);
}

/** Findings that were not measured. */
function sure(report: ProbeReport) {
  const findings = report.questions
    .flatMap((each) => each.findings)
    .filter(({ range }) => range === undefined);
  return Object.fromEntries(findings.map(({ setting, value }) => [setting, value]));
}

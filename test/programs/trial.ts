import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type MountProcess, program, startMount, testFolder, writable } from '../mount/mounted-disk.ts';
import { type StandingDisk, standingDisk } from '../mount/standing-disk.ts';
import type { StandInOptions } from '../stand-in/index.ts';
import { differencesOf, type Picture, pictureOf } from './picture.ts';
import type { Scene } from './scene.ts';

/** A busy machine does the longest one in four minutes. */
const sceneTimeoutMs = 900_000;
const performProgram = join(import.meta.dirname, 'perform');
/** What is told of one difference is enough to look into it. */
const mostLines = 20;

export interface TrialOptions {
  readonly standIn?: StandInOptions;
  readonly mountArguments?: readonly string[];
  /** Scenes do less, where they know what to leave out (SHORT in their environment). */
  readonly isShort?: boolean;
}

/** Nothing lags, and what programs do is sent while they go on. */
export const quickDisk: TrialOptions = {
  standIn: { settings: { finalAfterMs: 0, operationMs: 20 } },
  mountArguments: ['--write-back', '1s', '--poll-interval', '5s'],
};

/** What went wrong, a text each, and empty when nothing did; by the name of the scene. */
export type Findings = ReadonlyMap<string, readonly string[]>;

/**
 * Plays scenes, one after the other, each in a folder of its own of one mount, and each on the local disk too. Then all is flushed, and must be found,
 * as it was on the mount, by a mount that knows nothing yet (another machine), and by the first one after a remount.
 */
export async function tryScenes(scenes: readonly Scene[], options: TrialOptions = {}): Promise<Findings> {
  const standing = await standingDisk({ standIn: options.standIn ?? {} });
  const local = await testFolder();
  const findings = new Map(scenes.map(({ name }) => [name, [] as string[]]));
  try {
    const site: Site = {
      standing,
      local,
      options,
      tell: (scene, words) => findings.get(scene.name)?.push(words),
    };
    const works = new Map<Scene, Work>();
    await mounted(site, 'first', async (mount) => {
      for (const scene of scenes) works.set(scene, await played(scene, site));
      await flushed(site, mount, scenes);
    });
    for (const [who, machine] of [
      ['another machine', 'other'],
      ['the next mount', 'first'],
    ] as const)
      await mounted(site, machine, async () => {
        for (const [scene, work] of works) await lookedAgain(scene, work, site, who);
      });
  } finally {
    await standing.close();
    await rm(local, { recursive: true, force: true });
  }
  return findings;
}

interface Site {
  readonly standing: StandingDisk;
  /** Of this machine's disk: the twins, and what programs keep outside. */
  readonly local: string;
  readonly options: TrialOptions;
  tell(scene: Scene, words: string): void;
}

/** What a scene has left, as its own mount shows it. */
interface Work {
  readonly picture: Picture;
  readonly looked: string;
}

async function mounted(
  site: Site,
  machine: 'first' | 'other',
  task: (mount: MountProcess) => Promise<void>,
): Promise<void> {
  const { standing, options } = site;
  const args = [writable, '--log-level', 'info', ...(options.mountArguments ?? [])];
  const mount = await startMount(standing.mountpoint, environmentOf(standing, machine), args);
  let ended: number | null | 'hung';
  try {
    await task(mount);
  } finally {
    ended = await mount.end();
  }
  if (ended !== 0) throw new Error(`The mount ended with ${ended}:\n${mount.log().slice(-3000)}`);
}

function environmentOf({ environment, folder }: StandingDisk, machine: 'first' | 'other'): NodeJS.ProcessEnv {
  if (machine === 'first') return environment;
  return {
    ...environment,
    YADISKFS_CACHE_DIR: join(folder, 'other-cache'),
    YADISKFS_STATE_DIR: join(folder, 'other-state'),
  };
}

async function played(scene: Scene, site: Site): Promise<Work> {
  const folder = site.standing.path(scene.name);
  const twin = join(site.local, scene.name);
  const work = await performed(scene, 'work', folder, site);
  const looked = await performed(scene, 'look', folder, site);
  const picture = await pictureOf(folder);
  if (!scene.isAlone) {
    equal(site, scene, 'work', work, await performed(scene, 'work', twin, site));
    equal(site, scene, 'look', looked, await performed(scene, 'look', twin, site));
    const unlike = differencesOf(picture, await pictureOf(twin), {
      date: (path) => scene.dates.test(path),
      content: (path) => !scene.differing.test(path),
    });
    report(site, scene, 'otherwise than on the local disk', unlike);
  }
  return { picture, looked };
}

async function flushed(site: Site, mount: MountProcess, scenes: readonly Scene[]): Promise<void> {
  const { environment, mountpoint } = site.standing;
  try {
    const args = [program, 'flush', mountpoint, '--timeout', '300s'];
    await promisify(execFile)(process.execPath, args, { env: environment, timeout: 330_000 });
  } catch (error) {
    for (const scene of scenes) site.tell(scene, `not all was sent: ${error}\n${mount.log().slice(-3000)}`);
  }
}

async function lookedAgain(scene: Scene, work: Work, site: Site, who: string): Promise<void> {
  const folder = site.standing.path(scene.name);
  const unlike = differencesOf(await pictureOf(folder), work.picture, {
    // A folder has the date that was set; one that was moved by what came and went is not kept.
    date: (path, { kind }) => kind !== 'folder' || scene.dates.test(path),
    content: () => true,
  });
  report(site, scene, `as ${who} shows it`, unlike);
  equal(site, scene, `look of ${who}`, await performed(scene, 'look', folder, site), work.looked);
}

function report(site: Site, scene: Scene, what: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  const more = lines.length > mostLines ? [`… ${lines.length - mostLines} more`] : [];
  site.tell(scene, [`${what}:`, ...lines.slice(0, mostLines), ...more].join('\n  '));
}

function equal(site: Site, scene: Scene, what: string, seen: string, expected: string): void {
  if (seen !== expected) site.tell(scene, `${what} printed:\n${seen}\nand should have:\n${expected}`);
}

/** Runs one part of a scene in a folder. @returns what it printed; that it failed is told */
async function performed(scene: Scene, part: 'work' | 'look', folder: string, site: Site): Promise<string> {
  const outside = join(
    site.local,
    'outside',
    `${scene.name} of ${folder.startsWith(site.local) ? 'the twin' : 'the mount'}`,
  );
  for (const made of [join(outside, 'home'), join(outside, 'tmp')]) await mkdir(made, { recursive: true });
  const child = spawn(
    'bash',
    ['-c', 'mkdir -p "$FOLDER" && cd "$FOLDER" && exec "$@"', 'bash', performProgram, scene.file, part],
    {
      cwd: '/',
      env: {
        PATH: `${process.env['PATH']}:/usr/sbin:/sbin`,
        FOLDER: folder,
        OUTSIDE: outside,
        SCENES: dirname(scene.file),
        HOME: join(outside, 'home'),
        TMPDIR: join(outside, 'tmp'),
        LC_ALL: 'C.UTF-8',
        TZ: 'UTC',
        TERM: 'xterm',
        ...(site.options.isShort ? { SHORT: '1' } : {}),
      },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    endGroup(child.pid);
  }, sceneTimeoutMs);
  const [code] = await once(child, 'close');
  clearTimeout(timer);
  if (code !== 0)
    site.tell(
      scene,
      `${part} in ${folder} ${isLate ? 'did not end' : `ended with ${code}`}:\n${text.slice(-4000)}`,
    );
  return text;
}

function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}

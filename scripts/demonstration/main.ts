import { mkdir, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { describeDemoDisk } from '../../test/demo-disk/demo-disk.ts';
import { furnish } from '../../test/demo-disk/furnishing.ts';
import { startStandIn } from '../../test/stand-in/index.ts';
import { type Mounting, startMount } from './mounting.ts';
import { takeTour } from './tour.ts';

/*
 * The demonstration: a stand-in for Yandex Disk in this process, mounted by the program itself in another one.
 * scripts/demo starts it, and clears away whatever this process could not. Usage: main.ts MOUNTPOINT [--once]
 */

const delayMs = 50;
/** As a line that is neither bad nor extraordinary: per connection, and in all. */
const bytesPerSecond = 20e6;
const bytesPerSecondTotal = 100e6;
const starterCheckMs = 500;

const [mountpoint = '', mode] = process.argv.slice(2);
const shownAs = `./${relative(process.cwd(), mountpoint)}`;

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopping.abort());
// Whoever started this may be killed without a chance to say so.
const starter = process.ppid;
setInterval(() => process.ppid === starter || stopping.abort(), starterCheckMs).unref();

const say = (text: string) => console.log(`demo: ${text}`);
const entries = await describeDemoDisk(say);
const standIn = await startStandIn({
  token: 'demonstration',
  settings: { totalSpaceBytes: 10 * 1024 ** 3 },
  wire: { delayMs, downBytesPerSecond: bytesPerSecond, downBytesPerSecondTotal: bytesPerSecondTotal },
});
furnish(standIn.model, entries);
say(
  `a Disk of ${entries.length} files and folders answers at ${standIn.apiUrl}, each request after ${delayMs} ms`,
);

let mounting: Mounting | undefined;
try {
  await mkdir(mountpoint, { recursive: true });
  mounting = await startMount(mountpoint, ['--read-only', '--log-level', 'warn'], {
    YADISKFS_TOKEN: standIn.token,
    YADISKFS_API_URL: standIn.apiUrl,
    YADISKFS_CONFIG_DIR: join(tmpdir(), 'config'),
    YADISKFS_STATE_DIR: join(tmpdir(), 'state'),
    YADISKFS_CACHE_DIR: join(tmpdir(), 'cache'),
    YADISKFS_RUNTIME_DIR: join(tmpdir(), 'run'),
  });
  say(`mounted at ${shownAs}`);
  if (mode === '--once') {
    await tour();
  } else {
    console.log(suggestions(shownAs));
    await lookAround(mounting);
  }
} catch (error) {
  if (!stopping.signal.aborted) {
    console.error(`demo: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
} finally {
  await mounting?.stop();
  await standIn.close();
  await rmdir(mountpoint).catch(() => {}); // still mounted: scripts/demo has stronger means
}
say('unmounted; nothing is left behind');
if (mode === '--once' && stopping.signal.aborted) process.exitCode = 130;
// What a broken mount may have left open must not keep this process.
process.exit();

async function tour(): Promise<void> {
  const ground = {
    mountpoint,
    entries,
    room: () => ({ totalBytes: standIn.settings.totalSpaceBytes, usedBytes: standIn.model.disk.usedBytes }),
    counts: requestCounts,
  };
  const wrong = await takeTour(ground, stopping.signal);
  console.log();
  if (wrong > 0) {
    say(`${wrong} of these were not right`);
    process.exitCode = 1;
  } else say('all of it was right');
}

function requestCounts(): { api: number; data: number } {
  const { all, roles } = standIn.wire.statistics.snapshot();
  const api = roles['api']?.count ?? 0;
  return { api, data: all.count - api };
}

/** Until somebody stops us, or the mount ends. */
async function lookAround({ ended }: Mounting): Promise<void> {
  const stopped = new Promise<null>((resolve) => {
    stopping.signal.addEventListener('abort', () => resolve(null));
  });
  const words = await Promise.race([ended, stopped]);
  if (words !== null) throw new Error(`the mount has ended by itself:\n${words}`);
}

function suggestions(folder: string): string {
  return `
  Try, in another terminal:
    ls -la ${folder}
    find ${folder} | head
    cat '${folder}/Список дел.txt'
    tar cf - '${folder}/Документы' | tar tvf -
    md5sum '${folder}/Фото/2025 Карелия'/*.jpg
    dd if='${folder}/Видео/Отпуск 2024.mp4' bs=1M skip=1000 count=64 of=/dev/null
    df -h ${folder}
    xdg-open '${folder}/Фото'

  Ctrl-C here unmounts and cleans up.
`;
}

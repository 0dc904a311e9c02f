import { createHash } from 'node:crypto';
import { mkdir, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { type Mounting, startMount } from './mounting.ts';
import { say, serveDemoDisk, stopSignal, untilStopped } from './served-disk.ts';
import { takeTour } from './tour.ts';

/*
 * The demonstration: a stand-in for Yandex Disk in this process, mounted by the program itself in another one.
 * scripts/demo starts it, and clears away whatever this process could not. Usage: main.ts
 * MOUNTPOINT NAME [--once], where NAME is how the mountpoint is called when speaking to a person
 */

const [mountpoint = '', shownAs = mountpoint, mode] = process.argv.slice(2);
const signal = stopSignal();
const { standIn, entries, mountEnvironment } = await serveDemoDisk(50, tmpdir());
// For the commands that the tour shows.
Object.assign(process.env, mountEnvironment);

let mounting: Mounting | undefined;
try {
  await mkdir(mountpoint, { recursive: true });
  mounting = await startMount(mountpoint, ['--log-level', 'warn'], mountEnvironment);
  say(`mounted at ${shownAs}`);
  if (mode === '--once') {
    await tour();
  } else {
    console.log(suggestions(shownAs));
    await untilStopped(mounting.ended, signal);
  }
} catch (error) {
  if (!signal.aborted) {
    console.error(`demo: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
} finally {
  await mounting?.stop();
  await standIn.close();
  await rmdir(mountpoint).catch(() => {}); // still mounted: scripts/demo has stronger means
}
say('unmounted; nothing is left behind');
if (mode === '--once' && signal.aborted) process.exitCode = 130;
// What a broken mount may have left open must not keep this process.
process.exit();

async function tour(): Promise<void> {
  const ground = {
    mountpoint,
    entries,
    room: () => ({ totalBytes: standIn.settings.totalSpaceBytes, usedBytes: standIn.model.disk.usedBytes }),
    md5OnServer,
    counts: requestCounts,
  };
  const wrong = await takeTour(ground, signal);
  console.log();
  if (wrong > 0) {
    say(`${wrong} of these were not right`);
    process.exitCode = 1;
  } else say('all of it was right');
}

function md5OnServer(path: string): string | undefined {
  return standIn.model.find(path) && createHash('md5').update(standIn.model.read(path)).digest('hex');
}

function requestCounts(): { api: number; data: number } {
  const { all, roles } = standIn.wire.statistics.snapshot();
  const api = roles['api']?.count ?? 0;
  return { api, data: all.count - api };
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
    cp -r '${folder}/Документы' ${folder}/Копия && rm -r ${folder}/Копия
    echo привет > ${folder}/new.txt; sleep 8   # it is on the Disk then
    xdg-open '${folder}/Фото'

  Ctrl-C here unmounts and cleans up.
`;
}

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { pause } from '../async/pause.ts';
import { Failure } from '../errors.ts';
import { codeOf, unusable } from './private-file.ts';

/** A lock is never held longer: what is done under it ends within seconds. An older one is a leftover, whatever it says. */
const longestHeldMs = 120_000;
/** A lock without content is one that is being written, or whose writer was killed at that moment. */
const longestEmptyMs = 2_000;
const longestWaitMs = 40_000;
const tryAgainMs = 50;

/**
 * Runs `task` while no other process that goes by the same lock file does. Node has no locks of the kernel, so the file names its
 * holder; one that is gone, or whose process number now belongs to somebody else, does not count.
 * @throws Failure 'busy' when the lock does not come free
 */
export async function withFileLock<T>(path: string, task: () => Promise<T>): Promise<T> {
  const mine = `${process.pid} ${startOf(process.pid) ?? '?'} ${randomBytes(8).toString('hex')}\n`;
  const deadlineMs = performance.now() + longestWaitMs;
  while (!(await take(path, mine))) {
    await removeLeftover(path);
    if (performance.now() > deadlineMs) {
      throw new Failure('busy', 'Another yadiskfs has been at work on this login for too long', {
        path,
        hint: 'Look for a hung yadiskfs process.',
      });
    }
    await pause(tryAgainMs, undefined);
  }
  try {
    return await task();
  } finally {
    // Not ours any more when somebody took it for a leftover, after this machine slept.
    if ((await contentOf(path)) === mine) await rm(path, { force: true });
  }
}

async function take(path: string, content: string): Promise<boolean> {
  try {
    const handle = await open(path, 'wx', 0o600);
    try {
      await handle.writeFile(content);
    } catch (error) {
      // A full disk has room for the name, and none for what it should say.
      await rm(path, { force: true });
      throw error;
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw unusable('write', path, error);
  }
}

/** Moves the file aside before it is looked at a last time, so that of several who judged it stale only one removes it. */
async function removeLeftover(path: string): Promise<void> {
  const content = await contentOf(path);
  if (content === undefined || !(await isLeftover(path, content))) return;
  const aside = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await rename(path, aside);
    // Somebody was faster, and this is the lock of a third: put it back.
    if ((await contentOf(aside)) !== content) await link(aside, path).catch(() => {});
  } catch {
    return;
  } finally {
    await rm(aside, { force: true });
  }
}

async function isLeftover(path: string, content: string): Promise<boolean> {
  const [pidText = '', start] = content.split(' ');
  const pid = Number(pidText);
  const named = Number.isSafeInteger(pid) && pid > 0;
  if (named && startOf(pid) !== start) return true;
  try {
    const ageMs = Date.now() - (await stat(path)).mtimeMs;
    return ageMs > (named ? longestHeldMs : longestEmptyMs);
  } catch {
    return false;
  }
}

async function contentOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}

/** When a process began, in the kernel's own count; undefined when there is none. */
function startOf(pid: number): string | undefined {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name before it may hold blanks and brackets; the last bracket ends it. The count is the 22nd field.
    return line.slice(line.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

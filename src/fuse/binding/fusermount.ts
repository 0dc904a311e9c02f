import { spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { MountError } from './mount-error.ts';

/** fuse3's name first; `fusermount` is FUSE 2's own program, or a link to the other. */
const PROGRAMS = ['fusermount3', 'fusermount'];

/** Where the setuid program may be if PATH is as bare as that of a service. */
const USUAL_FOLDERS = ['/usr/bin', '/bin', '/usr/local/bin'];

/** @throws MountError 'no-fusermount' */
export async function findFusermount(programs = PROGRAMS, folders = searchFolders()): Promise<string> {
  for (const program of programs) {
    for (const folder of folders) {
      const file = join(folder, program);
      if (await isExecutable(file)) return file;
    }
  }
  throw new MountError('no-fusermount', `${programs.join(' or ')} is not installed (package fuse3)`);
}

function searchFolders(): readonly string[] {
  const listed = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder.startsWith('/'));
  return [...listed, ...USUAL_FOLDERS];
}

/**
 * Takes a mount away.
 * - `plain` fails while a file on it is open.
 * - `lazy` takes the name away now, the file system itself after its last file is closed.
 * No shell is involved: a mountpoint may be called anything.
 * @throws MountError 'busy' or 'refused', with the program's own words; 'no-fusermount'
 */
export async function runFusermount(mountpoint: string, way: 'plain' | 'lazy'): Promise<void> {
  const program = await findFusermount();
  const { exitCode, words } = await run(program, ['-u', ...(way === 'lazy' ? ['-z'] : []), '--', mountpoint]);
  if (exitCode === 0) return;
  const message = words || `${program} ended with ${exitCode}`;
  // Its messages are not translated, and it has one exit code for everything.
  throw new MountError(/busy/i.test(words) ? 'busy' : 'refused', message);
}

function run(program: string, args: readonly string[]): Promise<{ exitCode: number | null; words: string }> {
  return new Promise((resolve, reject) => {
    // The working folder may be on the very mount that is to go.
    const child = spawn(program, args, {
      cwd: '/',
      env: { ...process.env, LC_ALL: 'C' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let words = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      words += text;
    });
    child.on('error', (cause) => reject(new MountError('refused', `cannot run ${program}`, { cause })));
    child.on('close', (exitCode) => resolve({ exitCode, words: words.trim() }));
  });
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { lstat, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Failure } from '../../errors.ts';
import { makeFolders } from '../../make-folders.ts';
import { dropInText, instanceName, unitName, unitText } from './unit.ts';

const run = promisify(execFile);
const wantedBy = 'default.target.wants';
const systemctlMs = 60_000;

interface Service {
  /** Where systemd looks for units of this user. */
  readonly folder: string;
  readonly mountpoint: string;
}

/** `$XDG_CONFIG_HOME/systemd/user` */
export function userUnits(environment: NodeJS.ProcessEnv): string {
  return join(environment['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'systemd', 'user');
}

/** A systemd of this user is at work, and would mount at the next login. */
export function hasUserServices(environment: NodeJS.ProcessEnv): boolean {
  const runtime = environment['XDG_RUNTIME_DIR'];
  return Boolean(runtime) && existsSync(join(String(runtime), 'systemd', 'private'));
}

/**
 * Writes the units that mount at login.
 * @param command how this program is started
 * @returns the name of the unit of this mount
 * @throws Failure 'local'
 */
export async function writeUnits(
  { folder, mountpoint }: Service,
  command: readonly string[],
  options: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<string> {
  const instance = instanceName(mountpoint);
  const settings = Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value && /^YADISKFS_(API_URL|OAUTH_URL|(CONFIG|CACHE|STATE|RUNTIME)_DIR)$/.test(name)
        ? [[name, value]]
        : [],
    ),
  );
  const dropIns = join(folder, `${instance}.d`);
  try {
    await makeFolders(folder);
    await replace(join(folder, unitName), unitText(command));
    await rm(dropIns, { recursive: true, force: true });
    // Also where it says nothing: it tells that this mount is installed.
    await mkdir(dropIns);
    await replace(join(dropIns, 'mount.conf'), dropInText(command, options, settings));
  } catch (cause) {
    throw new Failure('local', `The unit cannot be written: ${folder}`, { path: folder, cause });
  }
  return instance;
}

/** @returns whether there was anything to remove @throws Failure 'local' */
export async function removeUnits({ folder, mountpoint }: Service): Promise<boolean> {
  const instance = instanceName(mountpoint);
  try {
    // The link is for systemd to remove, where that is at work.
    const own = [
      await removed(join(folder, `${instance}.d`)),
      await removed(join(folder, wantedBy, instance)),
    ];
    const names = await Promise.all([folder, join(folder, wantedBy)].map(namesIn));
    const hasOthers = names.flat().some((name) => name.startsWith('yadiskfs@') && name !== unitName);
    if (!hasOthers) own.push(await removed(join(folder, unitName)));
    return own.includes(true);
  } catch (cause) {
    throw new Failure('local', `The unit cannot be removed: ${folder}`, { path: folder, cause });
  }
}

function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

/** @returns whether it was there */
async function removed(path: string): Promise<boolean> {
  const isThere = await lstat(path).then(
    () => true,
    () => false,
  );
  await rm(path, { recursive: true, force: true });
  return isThere;
}

/** @throws Failure 'local' where no systemd of this user is at work */
export async function requireSystemd(): Promise<void> {
  // Asks for little, and of systemd itself.
  await systemctl('show-environment');
}

/** @throws Failure 'local' with systemd's own words */
export async function systemctl(...words: readonly string[]): Promise<void> {
  try {
    await run('systemctl', ['--user', ...words], { timeout: systemctlMs });
  } catch (cause) {
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : '';
    throw new Failure('local', `systemctl --user ${words.join(' ')}: ${said || 'it is not there'}`, {
      hint: 'Is systemd running for this user? After a login it is; loginctl enable-linger keeps it running.',
      cause,
    });
  }
}

async function replace(file: string, text: string): Promise<void> {
  const temporary = `${file}.${process.pid}`;
  await writeFile(temporary, text, { mode: 0o644 });
  await rename(temporary, file);
}

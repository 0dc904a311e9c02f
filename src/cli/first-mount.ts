import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { defaultAccount } from '../auth/account-name.ts';
import { mountAt } from '../daemon/mountpoint.ts';
import { mountedDisks } from '../daemon/running-mounts.ts';
import { hasUserServices } from '../daemon/service/install.ts';
import { makeFolders } from '../make-folders.ts';
import type { LoginTalk } from './login-talk.ts';
import { exitCodes } from './report.ts';

/** The folder that is offered to who has just logged in, as everything that is written about us calls it. */
const folderName = 'Disk';

/** Once, or at each login by systemd. */
type FirstMount = 'mount' | 'service';

/** What comes after a login: asked where somebody can answer. @returns undefined where nothing is wanted, or can be offered */
export async function firstMountWish(
  account: string,
  runtimeFolder: string,
  talk: LoginTalk,
): Promise<FirstMount | undefined> {
  const { YADISKFS_TOKEN: token } = process.env;
  // With a token in the environment, the mount would not be of this login.
  if (account !== defaultAccount || token || !(await isFree(runtimeFolder))) return undefined;
  if (!(await talk.wantsMount(`~/${folderName}`))) return undefined;
  return hasUserServices(process.env) && (await talk.wantsService()) ? 'service' : 'mount';
}

/** Nothing is mounted, and the folder is as a mount wants it. */
async function isFree(runtimeFolder: string): Promise<boolean> {
  const { mounts } = await mountedDisks(runtimeFolder);
  // A dead mount there would answer with an error, or not at all.
  if (mounts.length > 0 || (await mountAt(ownFolder()))) return false;
  try {
    return (await readdir(ownFolder())).length === 0;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

/** Does it by the command that a person would type, who sees what that says. @returns its exit code */
export async function beginFirstMount(wish: FirstMount): Promise<number> {
  await makeFolders(ownFolder());
  const words = wish === 'service' ? ['service', 'install', ownFolder()] : ['mount', ownFolder(), '--daemon'];
  const { YADISKFS_CLIENT_SECRET: _, ...environment } = process.env;
  const command = [process.argv[1] ?? '', ...words];
  const child = spawn(process.execPath, command, { stdio: 'inherit', env: environment });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? exitCodes.failed;
}

function ownFolder(): string {
  return join(homedir(), folderName);
}

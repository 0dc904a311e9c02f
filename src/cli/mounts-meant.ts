import { ownFolders } from '../daemon/folders.ts';
import { findPlace, requireMounts } from '../daemon/places.ts';
import { mountedDisks, type RunningMount } from '../daemon/running-mounts.ts';

/** The mount at or around DIR, or all of them. @throws Failure 'local' when there is none */
export async function mountsMeant(dir: string | undefined): Promise<readonly RunningMount[]> {
  const disks = await mountedDisks(ownFolders(process.env).runtime);
  return dir === undefined ? requireMounts(disks) : [(await findPlace(dir, disks)).mount];
}

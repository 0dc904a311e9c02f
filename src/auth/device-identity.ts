import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../errors.ts';
import { makeFolders } from '../make-folders.ts';
import { withFileLock } from './file-lock.ts';
import { codeOf, readPrivate, writePrivate } from './private-file.ts';
import { shownText } from './secret-text.ts';

/** This installation, as Yandex lists it among the devices of an account. Only tokens given to a device can be revoked. */
export interface DeviceIdentity {
  /** 6 to 50 printable ASCII characters. */
  readonly id: string;
  /** At most 100 characters. */
  readonly name: string;
}

const deviceId = /^[\x21-\x7e]{6,50}$/;

/** The identity of this installation: made once, and kept in the config folder. @throws Failure 'local' */
export async function deviceIdentity(configFolder: string): Promise<DeviceIdentity> {
  const path = join(configFolder, 'device-id');
  const name = shownText(hostname(), [], 90) || 'computer';
  const ignored = () => {};
  const kept = async () => (await readPrivate(path, ignored))?.text.trim() ?? '';
  const first = await kept();
  if (deviceId.test(first)) return { id: first, name };
  await makeFolders(configFolder, 0o700).catch((cause: unknown) => {
    throw new Failure('local', `Cannot make ${configFolder} (${codeOf(cause)})`, {
      path: configFolder,
      cause,
    });
  });
  const id = await withFileLock(join(configFolder, '.device-id.lock'), async () => {
    const now = await kept();
    if (deviceId.test(now)) return now;
    const made = randomUUID();
    await writePrivate(path, `${made}\n`);
    return made;
  });
  return { id, name };
}

import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const DEVICE = '/dev/fuse';
/** There is one device, and test files run beside each other. */
const LOCK = join(tmpdir(), 'fuse-device-test.lock');

/** Only root may change who can mount; others have to take the device as it is. */
export const mayChangeDevice = process.getuid?.() === 0;

/**
 * Opens or closes /dev/fuse to ordinary users, which it is open to on most systems, but not on every test machine.
 * Waits until no other test wants it otherwise.
 * @returns what undoes it
 */
export async function setDevice(state: 'open' | 'closed'): Promise<() => void> {
  if (!mayChangeDevice) return () => {};
  while (!tryLock()) await sleep(50);
  const { mode } = statSync(DEVICE);
  chmodSync(DEVICE, state === 'open' ? 0o666 : 0o600);
  return () => {
    chmodSync(DEVICE, mode & 0o7777);
    rmSync(LOCK, { recursive: true });
  };
}

function tryLock(): boolean {
  const holderFile = join(LOCK, 'pid');
  try {
    mkdirSync(LOCK);
    writeFileSync(holderFile, String(process.pid));
    return true;
  } catch {
    if (isDead(holderFile)) rmSync(LOCK, { recursive: true, force: true });
    return false;
  }
}

function isDead(holderFile: string): boolean {
  try {
    process.kill(Number(readFileSync(holderFile, 'utf8')), 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}

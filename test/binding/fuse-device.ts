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
  chmodSync(DEVICE, state === 'open' ? 0o666 : 0o600);
  return unlock;
}

/** The lock keeps who holds it and what the device was before, for whoever finds the lock of a killed process. */
const HOLDER_FILE = join(LOCK, 'holder');

function tryLock(): boolean {
  try {
    mkdirSync(LOCK);
  } catch {
    const holder = readHolder();
    if (holder && !isAlive(holder.pid)) unlock();
    return false;
  }
  writeFileSync(HOLDER_FILE, JSON.stringify({ pid: process.pid, mode: statSync(DEVICE).mode & 0o7777 }));
  return true;
}

function unlock(): void {
  const holder = readHolder();
  if (holder) chmodSync(DEVICE, holder.mode);
  rmSync(LOCK, { recursive: true, force: true });
}

function readHolder(): { pid: number; mode: number } | undefined {
  try {
    return JSON.parse(readFileSync(HOLDER_FILE, 'utf8'));
  } catch {
    // Another one is just being made or taken away.
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

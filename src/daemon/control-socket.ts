import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { basename, dirname } from 'node:path';

/**
 * Calls `use` with an address that stands for a socket file as long as `use` takes. The address of a socket has 107 bytes (unix(7)), paths have
 * 4,095: so the folder is opened, and named by its number.
 */
export async function withShortAddress<T>(file: string, use: (address: string) => Promise<T>): Promise<T> {
  const folder = await open(dirname(file), constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    return await use(`/proc/self/fd/${folder.fd}/${basename(file)}`);
  } finally {
    await folder.close();
  }
}

/** Whether a process is behind a socket file, answering or not: what a killed one has left refuses whoever comes. */
export async function isListening(file: string | null): Promise<boolean> {
  if (file === null) return false;
  const tried = withShortAddress(
    file,
    (address) =>
      new Promise<boolean>((resolve) => {
        const socket = connect(address, () => {
          socket.destroy();
          resolve(true);
        });
        // Many wait for it already.
        socket.once('error', (error) => resolve('code' in error && error.code === 'EAGAIN'));
      }),
  );
  return tried.catch(() => false);
}

/** Hands over each line without its end; one that is longer than allowed ends it all: `onTooLong`. */
export function onLines(
  socket: Socket,
  longestBytes: number,
  onLine: (line: string) => void,
  onTooLong: () => void,
): void {
  let parts: Buffer[] = [];
  let lengthBytes = 0;
  const onData = (chunk: Buffer) => {
    let rest = chunk;
    for (let end = rest.indexOf(0x0a); end >= 0; end = rest.indexOf(0x0a)) {
      const line = Buffer.concat([...parts, rest.subarray(0, end)]);
      rest = rest.subarray(end + 1);
      parts = [];
      lengthBytes = 0;
      onLine(line.toString('utf8'));
    }
    parts.push(rest);
    lengthBytes += rest.length;
    if (lengthBytes <= longestBytes) return;
    parts = [];
    socket.off('data', onData);
    onTooLong();
  };
  socket.on('data', onData);
}

export function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

import { constants } from 'node:os';
import type { NativeFuse, OperationName, Request, SendAnswer } from './addon.ts';
import { doubleWord, type Layout } from './layout.ts';
import type { DoneCallback, HandleCallback, Operations } from './operations.ts';

const { ENODATA, ERANGE } = constants.errno;

type Operation<Name extends OperationName> = NonNullable<Operations[Name]>;
type Handler = (request: Request, opcode: number, ...values: never[]) => void;

/**
 * The functions that the compiled part calls on Node's main thread, by opcode. Each reads its arguments, calls the
 * operation and sends the answer back. An answer always carries every value that its operation has room for, since
 * the compiled part reads them on failure too and would never wake the waiting thread without.
 */
export function makeHandlers(
  native: NativeFuse,
  layout: Layout,
  operations: Operations,
  onInit: () => void,
): readonly unknown[] {
  const handlers: Handler[] = [];

  const on = <Name extends OperationName>(
    name: Name,
    makeHandler: (operation: Operation<Name>, send: SendAnswer) => Handler,
  ): void => {
    const operation = operations[name];
    if (!operation) return;
    handlers[native[`op_${name}`]] = makeHandler(
      operation.bind(operations) as Operation<Name>,
      native[`fuse_native_signal_${name}`],
    );
  };

  handlers[native.op_init] = (request: Request) => {
    onInit();
    const done = doneOf(request, native.fuse_native_signal_init);
    if (operations.init) operations.init(done);
    else done(0);
  };

  // Attributes
  on(
    'getattr',
    (getattr, send) => (request, _, path: string) =>
      getattr(path, (result, stat) => send(request, result, layout.stat(stat))),
  );
  on(
    'fgetattr',
    (fgetattr, send) => (request, _, path: string, handle: number) =>
      fgetattr(path, handle, (result, stat) => send(request, result, layout.stat(stat))),
  );
  on(
    'statfs',
    (statfs, send) => (request, _, path: string) =>
      statfs(path, (result, fields) => send(request, result, layout.statfs(fields))),
  );
  on(
    'access',
    (access, send) => (request, _, path: string, mode: number) => access(path, mode, doneOf(request, send)),
  );
  on('utimens', (utimens, send) => (request, _, path: string, ...times: number[]) => {
    const [atime, mtime] = layout.timeChanges(times);
    utimens(path, atime, mtime, doneOf(request, send));
  });
  on(
    'chown',
    (chown, send) => (request, _, path: string, uid: number, gid: number) =>
      chown(path, uid, gid, doneOf(request, send)),
  );
  on(
    'chmod',
    (chmod, send) => (request, _, path: string, mode: number) => chmod(path, mode, doneOf(request, send)),
  );
  on(
    'truncate',
    (truncate, send) => (request, _, path: string, low: number, high: number) =>
      truncate(path, doubleWord(low, high), doneOf(request, send)),
  );
  on(
    'ftruncate',
    (ftruncate, send) => (request, _, path: string, fh: number, low: number, high: number) =>
      ftruncate(path, fh, doubleWord(low, high), doneOf(request, send)),
  );

  // Open files
  on(
    'open',
    (open, send) => (request, _, path: string, flags: number) => open(path, flags, handleOf(request, send)),
  );
  on(
    'create',
    (create, send) => (request, _, path: string, mode: number, flags?: number) =>
      create(path, mode, layout.createFlags(flags), handleOf(request, send)),
  );
  on(
    'read',
    (read, send) =>
      (request, _, path: string, fh: number, buffer: Buffer, ...rest: number[]) =>
        read(path, fh, buffer, positionIn(rest), (result) => send(request, result, 0, buffer.buffer)),
  );
  on(
    'write',
    (write, send) =>
      (request, _, path: string, fh: number, buffer: Buffer, ...rest: number[]) =>
        write(path, fh, buffer, positionIn(rest), (result) => send(request, result, 0, buffer.buffer)),
  );
  on(
    'flush',
    (flush, send) => (request, _, path: string, handle: number) => flush(path, handle, doneOf(request, send)),
  );
  on(
    'fsync',
    (fsync, send) => (request, _, path: string, dataOnly: number, handle: number) =>
      fsync(path, dataOnly !== 0, handle, doneOf(request, send)),
  );
  on(
    'release',
    (release, send) => (request, _, path: string, handle: number) =>
      release(path, handle, doneOf(request, send)),
  );

  // Folders
  on(
    'opendir',
    (opendir, send) => (request, _, path: string, _handle: number, flags: number) =>
      opendir(path, flags, handleOf(request, send)),
  );
  on(
    'readdir',
    (readdir, send) => (request, _, path: string) =>
      readdir(path, (result, names = [], kinds, folders) =>
        send(request, result, ...layout.listing(names, kinds, folders)),
      ),
  );
  on(
    'fsyncdir',
    (fsyncdir, send) => (request, _, path: string, dataOnly: number, handle: number) =>
      fsyncdir(path, dataOnly !== 0, handle, doneOf(request, send)),
  );
  on(
    'releasedir',
    (releasedir, send) => (request, _, path: string, handle: number) =>
      releasedir(path, handle, doneOf(request, send)),
  );

  // Names
  on(
    'readlink',
    (readlink, send) => (request, _, path: string) =>
      readlink(path, (result, target = '') => send(request, result, target)),
  );
  on(
    'mknod',
    (mknod, send) => (request, _, path: string, mode: number, device: number) =>
      mknod(path, mode, device, doneOf(request, send)),
  );
  on(
    'mkdir',
    (mkdir, send) => (request, _, path: string, mode: number) => mkdir(path, mode, doneOf(request, send)),
  );
  on('unlink', (unlink, send) => (request, _, path: string) => unlink(path, doneOf(request, send)));
  on('rmdir', (rmdir, send) => (request, _, path: string) => rmdir(path, doneOf(request, send)));
  on(
    'rename',
    (rename, send) => (request, _, source: string, target: string) =>
      rename(source, target, doneOf(request, send)),
  );
  on(
    'link',
    (link, send) => (request, _, source: string, target: string) =>
      link(source, target, doneOf(request, send)),
  );
  on(
    'symlink',
    (symlink, send) => (request, _, linkTarget: string, path: string) =>
      symlink(linkTarget, path, doneOf(request, send)),
  );

  // Extended attributes. An empty room asks how much is needed; too small a one is told by ERANGE.
  on(
    'setxattr',
    (setxattr, send) =>
      (request, _, path: string, name: string, value: Buffer, ...rest: number[]) =>
        setxattr(path, name, value, rest[1] ?? 0, (result) => send(request, result, value.buffer)),
  );
  on(
    'getxattr',
    (getxattr, send) => (request, _, path: string, name: string, room: Buffer) =>
      getxattr(path, name, (result, value) =>
        send(request, result || (value ? fill(room, value) : -ENODATA), room.buffer),
      ),
  );
  on(
    'listxattr',
    (listxattr, send) => (request, _, path: string, room: Buffer) =>
      listxattr(path, (result, names = []) =>
        send(
          request,
          result || fill(room, Buffer.from(names.map((name) => `${name}\0`).join(''))),
          room.buffer,
        ),
      ),
  );
  on(
    'removexattr',
    (removexattr, send) => (request, _, path: string, name: string) =>
      removexattr(path, name, doneOf(request, send)),
  );
  return handlers;
}

function doneOf(request: Request, send: SendAnswer): DoneCallback {
  return (result) => send(request, result);
}

function handleOf(request: Request, send: SendAnswer): HandleCallback {
  return (result, handle = 0, answer) =>
    send(request, result, handle, (answer?.directIo ? 1 : 0) | (answer?.keepCache ? 2 : 0));
}

/** Reads and writes pass the buffer's length before the two words of the position. */
function positionIn([, low = 0, high = 0]: readonly number[]): number {
  return doubleWord(low, high);
}

function fill(room: Buffer, value: Buffer): number {
  if (room.length > 0 && value.length > room.length) return -ERANGE;
  value.copy(room);
  return value.length;
}

import { connect } from 'node:net';
import type { z } from 'zod';
import { abortFailure, Failure } from '../errors.ts';
import {
  type ControlRequest,
  controlReply,
  lineOf,
  longestReplyBytes,
  type QueueStatus,
  results,
} from './control-messages.ts';
import { jsonOf, onLines, withShortAddress } from './control-socket.ts';
import type { RunningMount } from './running-mounts.ts';
import { goOnHint, isStopped } from './stopped-process.ts';

/** The process behind a mount says every other second that it is still at it. */
const silenceMs = 20_000;
/** One that was stopped never will. */
const stoppedLookMs = 3_000;

interface AskOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: ((queue: QueueStatus) => void) | undefined;
}

type Asked<C extends ControlRequest['command']> = Extract<ControlRequest, { command: C }>;
type Result<C extends ControlRequest['command']> = z.infer<(typeof results)[C]>;

/**
 * Asks the process behind a mount, and waits for as long as it says that it is at work.
 * @throws Failure that it answers with; 'local' when it is gone, 'timed-out' when it says nothing, and what the signal was aborted with
 */
export async function askMount<C extends ControlRequest['command']>(
  mount: RunningMount,
  request: Asked<C> & { readonly command: C },
  options: AskOptions,
): Promise<Result<C>> {
  const { socket } = mount;
  if (socket === null) {
    throw new Failure('local', `The mount at ${mount.mountpoint} cannot be spoken to: it has no socket`, {
      path: mount.mountpoint,
      hint: 'Its log says why.',
    });
  }
  let answer: unknown;
  try {
    answer = await withShortAddress(socket, (address) => exchange(mount, address, request, options));
  } catch (error) {
    throw error instanceof Failure ? error : unreachable(mount, error);
  }
  const result = results[request.command].safeParse(answer);
  if (result.success) return result.data as Result<C>;
  throw new Failure('nonsense', `The answer of the mount at ${mount.mountpoint} makes no sense`, {
    path: mount.mountpoint,
    hint: 'It may be of another version: unmount, and mount again.',
    cause: result.error,
  });
}

/** One connection: sends a line, reads lines up to the last. */
function exchange(
  mount: RunningMount,
  address: string,
  request: ControlRequest,
  { signal, onProgress }: AskOptions,
): Promise<unknown> {
  if (signal.aborted) return Promise.reject(abortFailure(signal));
  return new Promise((resolve, reject) => {
    const socket = connect(address, () => socket.write(lineOf(request)));
    let lastHeardMs = performance.now();
    const looks = setInterval(() => {
      if (performance.now() - lastHeardMs >= stoppedLookMs && isStopped(mount.pid)) fail(stopped(mount));
    }, stoppedLookMs / 2);
    const settle = (outcome: () => void) => {
      clearInterval(looks);
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      outcome();
    };
    const fail = (error: unknown) => settle(() => reject(error));
    const onAbort = () => fail(abortFailure(signal));
    signal.addEventListener('abort', onAbort, { once: true });
    socket.setTimeout(silenceMs, () => fail(silent(mount)));
    socket.on('error', fail);
    socket.once('close', () => fail(endedFirst(mount)));
    onLines(
      socket,
      longestReplyBytes,
      (line) => {
        lastHeardMs = performance.now();
        const reply = controlReply.safeParse(jsonOf(line));
        if (!reply.success) fail(new Failure('nonsense', 'The mount answers in a way that makes no sense'));
        else if (reply.data.kind === 'progress') onProgress?.(reply.data.progress);
        else if (reply.data.kind === 'done')
          settle(() => resolve(reply.data.kind === 'done' && reply.data.result));
        else if (reply.data.kind === 'failed') {
          const { code, message, path, hint } = reply.data.error;
          fail(new Failure(code, message, { path, hint }));
        }
      },
      () => fail(new Failure('nonsense', 'The answer of the mount is too long')),
    );
  });
}

function unreachable({ mountpoint, pid }: RunningMount, cause: unknown): Failure {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
  if (code !== 'ECONNREFUSED' && code !== 'ENOENT') {
    return new Failure('local', `The mount at ${mountpoint} cannot be spoken to (${code})`, {
      path: mountpoint,
      cause,
    });
  }
  return new Failure('local', `The process that served ${mountpoint} (${pid}) is gone`, {
    path: mountpoint,
    hint: `Mount it again; what was not sent yet is sent then. yadiskfs umount '${mountpoint}' takes the dead mount away.`,
    cause,
  });
}

function silent({ mountpoint, pid }: RunningMount): Failure {
  return new Failure('timed-out', `The process that serves ${mountpoint} (${pid}) does not answer`, {
    path: mountpoint,
    hint: `Its log may say why. yadiskfs umount --force '${mountpoint}' takes it away, and kill ${pid} ends its process; the next mount sends what was not sent yet.`,
  });
}

function stopped({ mountpoint, pid }: RunningMount): Failure {
  return new Failure('timed-out', `The process that serves ${mountpoint} (${pid}) is stopped`, {
    path: mountpoint,
    hint: goOnHint(pid),
  });
}

function endedFirst({ mountpoint, pid }: RunningMount): Failure {
  return new Failure('local', `The process that served ${mountpoint} (${pid}) ended before it answered`, {
    path: mountpoint,
    hint: 'Its log may say why. Mount it again; what was not sent yet is sent then.',
  });
}

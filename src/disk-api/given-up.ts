import type { Socket } from 'node:net';

/** Node's own, beneath a socket; beneath TLS it is one further down. Nothing public resets a connection with TLS on it (Node 20). */
interface Handle {
  close(done?: () => void): unknown;
  /** As `close`, by RST. Not while the connection is being ended. */
  reset(done?: () => void): unknown;
}

const prepared = new WeakSet<Socket>();

/**
 * A connection that is closed before its request was answered is reset.
 *
 * The kernel goes on sending what it was given after a connection was closed, for minutes: a request that was given up while nothing got through would take
 * effect after the network is back, when all has been looked at and other things have been sent (2026-11-26: a move, two seconds after ten of a black hole). A
 * reset throws those bytes away.
 */
export function resetWhenGivenUp(socket: Socket): void {
  if (prepared.has(socket)) return;
  prepared.add(socket);
  // Until then there may be several, one for each address that is tried; and nothing was sent.
  if (socket.connecting) socket.once('connect', () => prepare(socket));
  else prepare(socket);
}

function prepare(socket: Socket): void {
  const handle = handleOf(socket);
  if (!handle) return;
  const close = handle.close.bind(handle);
  handle.close = (done) => (socket.writableEnded ? close(done) : handle.reset(done));
}

/** Undefined where Node keeps it otherwise: then connections are closed as ever. */
function handleOf(socket: Socket): Handle | undefined {
  const own: unknown = Reflect.get(socket, '_handle');
  const beneath: unknown = typeof own === 'object' && own !== null ? Reflect.get(own, '_parent') : undefined;
  return [beneath, own].find(isHandle);
}

function isHandle(value: unknown): value is Handle {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof Reflect.get(value, 'close') === 'function' &&
    typeof Reflect.get(value, 'reset') === 'function'
  );
}

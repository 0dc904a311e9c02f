import { chmod, rename, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { z } from 'zod';
import { Failure } from '../errors.ts';
import {
  type ControlReply,
  type ControlRequest,
  controlRequest,
  failureReply,
  lineOf,
  longestRequestBytes,
  protocolVersion,
  versioned,
  workingIntervalMs,
} from './control-messages.ts';
import { jsonOf, onLines, withShortAddress } from './control-socket.ts';
import type { MountControl } from './mount-control.ts';
import { programVersion } from './version.ts';

/** A client sends its request as soon as it is connected. */
const requestWithinMs = 10_000;
const farewellMs = 500;
/** Commands of one person on one machine: more of them are a mistake, and find the door shut. */
const mostConnections = 64;

/** Serves a mount to the commands of the same user, over a socket that nobody else may enter. */
export class ControlServer {
  readonly #server: Server;
  readonly #control: MountControl;
  readonly #onFault: (error: unknown) => void;
  readonly #connections = new Set<Socket>();

  private constructor(control: MountControl, onFault: (error: unknown) => void) {
    this.#control = control;
    this.#onFault = onFault;
    this.#server = createServer((socket) => this.#serve(socket));
    this.#server.maxConnections = mostConnections;
  }

  /**
   * Listens; what an earlier process left at the path is replaced.
   * `onFault` hears of errors that are no `Failure`: mistakes of ours.
   * @throws what the system says
   */
  static async listen(
    file: string,
    control: MountControl,
    onFault: (error: unknown) => void,
  ): Promise<ControlServer> {
    const controlServer = new ControlServer(control, onFault);
    // Under its name it is there whole, with its permissions, or not at all.
    const temporary = `${file}.${process.pid}`;
    await rm(temporary, { force: true });
    await withShortAddress(temporary, (address) => controlServer.#listenAt(address));
    try {
      await chmod(temporary, 0o600);
      await rename(temporary, file);
    } catch (error) {
      controlServer.close();
      await rm(temporary, { force: true });
      throw error;
    }
    return controlServer;
  }

  /** Those who still wait are told that the mount has ended. The file stays. */
  close(): void {
    this.#server.close();
    const ended = lineOf(failureReply(new Failure('aborted', 'The mount has ended')));
    for (const socket of this.#connections) socket.end(ended);
    // Who does not listen does not hold up the end.
    setTimeout(() => {
      for (const socket of this.#connections) socket.destroy();
    }, farewellMs).unref();
  }

  #listenAt(address: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(address, () => {
        this.#server.off('error', reject);
        // What fails from now on (no descriptors left) fails for one client; the next may be served.
        this.#server.on('error', this.#onFault);
        resolve();
      });
    });
  }

  #serve(socket: Socket): void {
    this.#connections.add(socket);
    const gone = new AbortController();
    const leave = () => gone.abort(new Failure('aborted', 'The command that asked has gone'));
    const timer = setTimeout(() => socket.destroy(), requestWithinMs);
    socket.on('error', leave);
    socket.on('end', leave);
    socket.on('close', () => {
      leave();
      clearTimeout(timer);
      this.#connections.delete(socket);
    });
    let asked = false;
    onLines(
      socket,
      longestRequestBytes,
      (line) => {
        clearTimeout(timer);
        // One request a connection: what follows is read, so that the end is seen, and not looked at.
        if (asked) return;
        asked = true;
        void this.#answer(socket, line, gone.signal);
      },
      () => say(socket, failureReply(new Failure('invalid', 'The request is too long')), 'last'),
    );
  }

  async #answer(socket: Socket, line: string, signal: AbortSignal): Promise<void> {
    const working = setInterval(() => say(socket, { kind: 'working' }), workingIntervalMs);
    try {
      const result = await this.#do(requestOf(line), signal, (reply) => say(socket, reply));
      say(socket, { kind: 'done', result }, 'last');
    } catch (error) {
      if (!(error instanceof Failure)) this.#onFault(error);
      say(socket, failureReply(error), 'last');
    } finally {
      clearInterval(working);
    }
  }

  async #do(
    request: ControlRequest,
    signal: AbortSignal,
    reply: (reply: ControlReply) => void,
  ): Promise<object> {
    switch (request.command) {
      case 'status':
        return this.#control.status(signal);
      case 'flush':
        await this.#control.flush(request.places, signal, (progress) =>
          reply({ kind: 'progress', progress }),
        );
        return {};
      case 'send-deletions':
        await this.#control.sendDeletions({ name: request.name, place: request.place }, signal);
        return {};
      case 'drain':
        await this.#control.drain(signal, (progress) => reply({ kind: 'progress', progress }));
        return {};
      case 'retry':
        return { retried: this.#control.retry(request.places) };
      case 'discard':
        await this.#control.discard(request.place);
        return {};
      case 'pin':
        await this.#control.pin(request.places, signal);
        return {};
      case 'unpin':
        await this.#control.unpin(request.places);
        return {};
      case 'pins':
        return { pins: this.#control.pins() };
      case 'export':
        return { files: await this.#control.exportTo(request.folder, signal) };
      case 'locate':
        return this.#control.locate(request.place, signal);
      case 'pause':
        this.#control.pause();
        return {};
      case 'resume':
        this.#control.resume();
        return {};
      case 'limit': {
        const { upBytesPerSecond, downBytesPerSecond } = request;
        return this.#control.limit({ upBytesPerSecond, downBytesPerSecond });
      }
      case 'cache-stats':
        return this.#control.cacheStats();
      case 'cache-clear':
        return { freedBytes: await this.#control.cacheClear() };
      case 'cache-verify':
        return this.#control.cacheVerify(signal);
      case 'look-again':
        return { folders: await this.#control.lookAgain(request.uid, request.paths, signal) };
    }
  }
}

/** What a client does not read is not piled up for it: progress is only of use when it is new. */
function say(socket: Socket, reply: ControlReply, place: 'between' | 'last' = 'between'): void {
  if (!socket.writable) return;
  if (place === 'last') socket.end(lineOf(reply));
  else if (!socket.writableNeedDrain) socket.write(lineOf(reply));
}

/** @throws Failure 'invalid', 'unsupported' */
function requestOf(line: string): ControlRequest {
  const json = jsonOf(line);
  const version = versioned.safeParse(json).data?.version;
  if (version !== undefined && version !== protocolVersion) {
    throw new Failure(
      'unsupported',
      `The mount is served by yadiskfs ${programVersion()}, which does not understand this`,
      {
        hint: 'Unmount, and mount again with the version that is installed now.',
      },
    );
  }
  const request = controlRequest.safeParse(json);
  if (version === undefined || !request.success) {
    const why = request.error ? `: ${z.prettifyError(request.error)}` : '';
    throw new Failure('invalid', `Not a request${why}`);
  }
  return request.data;
}

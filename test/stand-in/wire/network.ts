import type { Server } from 'node:http';
import type { Server as SecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { WireClock } from './clock.ts';
import { Connection } from './connection.ts';
import type { LiveExchange } from './live-exchange.ts';
import { type CutOptions, cutOptionsSchema } from './rules.ts';
import type { Statistics } from './statistics.ts';

/** A server that the wire stands before. */
interface Door {
  readonly server: Server | SecureServer;
  readonly role: string;
  readonly admit: (socket: Socket) => void;
  /** Where the server listened, while a cut keeps it from listening. */
  closedAt: AddressInfo | null;
}

/** A port given up may be in another's use for a moment. */
const listenRetryMs = 50;
const listenTries = 40;

/** The connections, and whether anything gets through them. */
export class Network {
  readonly #clock: WireClock;
  readonly #statistics: Statistics;
  readonly #doors: Door[] = [];
  readonly #connections = new Set<Connection>();
  /** By the socket on which requests arrive: the TCP one, or the TLS one over it. */
  readonly #bySocket = new WeakMap<Socket, Connection>();
  /** By both ends, to find the TCP connection under a TLS socket. */
  readonly #byEnds = new Map<string, Connection>();
  readonly #blackHole = new Map<Socket, Door>();
  readonly #thaws = new Set<() => void>();
  #cut: CutOptions | null = null;
  #nextId = 1;
  #isClosed = false;

  constructor(clock: WireClock, statistics: Statistics) {
    this.#clock = clock;
    this.#statistics = statistics;
  }

  get openCount(): number {
    return this.#connections.size;
  }

  get cutOptions(): CutOptions | null {
    return this.#cut;
  }

  /** Puts the network before a server. Its own listeners see a connection only once the network let it in. */
  attach(server: Server | SecureServer, role: string): void {
    const listeners = server.listeners('connection');
    server.removeAllListeners('connection');
    const admit = (socket: Socket) => {
      for (const listener of listeners) listener.call(server, socket);
    };
    const door: Door = { server, role, admit, closedAt: null };
    this.#doors.push(door);
    server.on('connection', (socket: Socket) => this.#meet(socket, door));
    server.on('secureConnection', (socket: Socket) => {
      const connection = this.#byEnds.get(endsOf(socket));
      // One that was reset meanwhile has no ends any more.
      if (connection === undefined) socket.destroy();
      else this.#bySocket.set(socket, connection);
    });
    // A slow upload is no fault of the client here.
    server.requestTimeout = 0;
  }

  /** @throws Error when the socket came through no server that is attached. */
  connectionOf(socket: Socket): Connection {
    const connection = this.#bySocket.get(socket);
    if (connection === undefined) throw new Error('a request over a server that is not attached to the wire');
    return connection;
  }

  cut(options: CutOptions): void {
    if (this.#cut !== null) throw new Error('the network is cut already');
    const cut = cutOptionsSchema.parse(options);
    this.#cut = cut;
    if (cut.fresh === 'refuse') {
      for (const door of this.#doors) if (this.#isCutOff(door.role)) shut(door);
    }
    for (const connection of this.#connections) {
      const exchanges = [...connection.exchanges].filter(({ role }) => this.#isCutOff(role));
      if (cut.existing === 'freeze' || (exchanges.length === 0 && !this.#isCutOff(connection.role))) continue;
      // Requests that have not reached their handler are lost on the way; those that have take effect.
      for (const exchange of connection.exchanges) if (exchange.phase === 'arriving') exchange.drop();
      connection.destroy(cut.existing ?? 'rst');
    }
  }

  /** Lets everything through again. Connections that were frozen or never answered go on.
   * @throws Error when a port that was given up cannot be had again. */
  async restore(): Promise<void> {
    this.#cut = null;
    for (const thaw of [...this.#thaws]) thaw();
    const waiting = [...this.#blackHole];
    this.#blackHole.clear();
    for (const [socket, door] of waiting) if (!socket.destroyed) this.#admit(socket, door);
    await Promise.all(this.#doors.map((door) => this.#reopen(door)));
  }

  /** Waits while the network is frozen for an exchange. False when nothing gets through any more. */
  async passage(exchange: LiveExchange): Promise<boolean> {
    while (this.isObstructed(exchange)) {
      if (this.#cut?.existing !== 'freeze') {
        exchange.connection.destroy(this.#cut?.existing ?? 'rst');
        return false;
      }
      const thawed = await exchange.whileHeard<true>((done) => {
        const thaw = () => {
          this.#thaws.delete(thaw);
          done(true);
        };
        this.#thaws.add(thaw);
        return () => this.#thaws.delete(thaw);
      });
      if (thawed === null) return false;
    }
    return !exchange.isOver;
  }

  isObstructed(exchange: LiveExchange): boolean {
    if (this.#cut === null) return false;
    return this.#isCutOff(exchange.role) || this.#isCutOff(exchange.connection.role);
  }

  close(): void {
    this.#isClosed = true;
    for (const connection of this.#connections) connection.destroy('rst');
    for (const socket of this.#blackHole.keys()) socket.destroy();
    this.#blackHole.clear();
  }

  #isCutOff(role: string): boolean {
    return this.#cut !== null && (this.#cut.roles === undefined || this.#cut.roles.includes(role));
  }

  #meet(socket: Socket, door: Door): void {
    socket.on('error', () => {}); // A reset is nothing unusual; whoever waits for the socket hears of its close.
    if (this.#isClosed) {
      socket.destroy();
    } else if (!this.#isCutOff(door.role)) {
      this.#admit(socket, door);
    } else if (this.#cut?.fresh === 'black-hole') {
      this.#blackHole.set(socket, door);
      socket.once('close', () => this.#blackHole.delete(socket));
    } else {
      socket.resetAndDestroy();
    }
  }

  #admit(socket: Socket, door: Door): void {
    const connection = new Connection(this.#nextId++, door.role, this.#clock.nowMs(), socket);
    const ends = endsOf(socket);
    const leave = this.#statistics.open(door.role);
    this.#connections.add(connection);
    this.#bySocket.set(socket, connection);
    this.#byEnds.set(ends, connection);
    socket.once('close', () => {
      leave();
      this.#connections.delete(connection);
      if (this.#byEnds.get(ends) === connection) this.#byEnds.delete(ends);
      for (const exchange of connection.exchanges) exchange.end();
    });
    door.admit(socket);
  }

  async #reopen(door: Door): Promise<void> {
    const at = door.closedAt;
    if (at === null) return;
    door.closedAt = null;
    for (let tries = 1; !this.#isClosed; tries += 1) {
      const failure = await listening(door.server, at);
      if (failure === null) return;
      if (tries === listenTries)
        throw new Error(`cannot listen on port ${at.port} again`, { cause: failure });
      await new Promise<void>((resolve) => this.#clock.schedule(listenRetryMs, resolve));
    }
  }
}

function shut(door: Door): void {
  const address = door.server.address();
  if (address === null || typeof address === 'string') return;
  door.closedAt = address;
  door.server.close();
}

function listening(server: Server | SecureServer, at: AddressInfo): Promise<Error | null> {
  return new Promise((resolve) => {
    const onListening = () => {
      server.off('error', onError);
      resolve(null);
    };
    const onError = (error: Error) => {
      server.off('listening', onListening);
      resolve(error);
    };
    server.once('listening', onListening);
    server.once('error', onError);
    server.listen(at.port, at.address);
  });
}

function endsOf(socket: Socket): string {
  return `${socket.localPort} ${socket.remoteAddress} ${socket.remotePort}`;
}

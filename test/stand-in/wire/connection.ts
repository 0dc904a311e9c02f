import type { Socket } from 'node:net';
import type { ConnectionInfo } from './exchange.ts';
import { Line } from './shaper.ts';

/** What a connection knows of the exchanges that it carries. */
interface CarriedExchange {
  readonly role: string;
  readonly phase: string;
  end(): void;
  drop(): void;
}

/** One TCP connection, under TLS or not. */
export class Connection implements ConnectionInfo {
  readonly id: number;
  readonly role: string;
  readonly openedMs: number;
  readonly up = new Line();
  readonly down = new Line();
  readonly exchanges = new Set<CarriedExchange>();
  exchangeCount = 0;
  readonly #socket: Socket;

  /** @param socket The TCP socket itself, also under TLS: only that one can send a reset. */
  constructor(id: number, role: string, openedMs: number, socket: Socket) {
    this.id = id;
    this.role = role;
    this.openedMs = openedMs;
    this.#socket = socket;
  }

  /** Ends the connection. `fin` still delivers what the kernel holds, `rst` does not. */
  destroy(ending: 'rst' | 'fin'): void {
    for (const exchange of this.exchanges) exchange.end();
    if (this.#socket.destroyed) return;
    if (ending === 'rst') this.#socket.resetAndDestroy();
    else this.#socket.destroy();
  }
}

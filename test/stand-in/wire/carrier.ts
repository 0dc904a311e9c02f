import type { LiveExchange } from './live-exchange.ts';
import type { Network } from './network.ts';
import { paceOf, type Settings } from './settings.ts';
import { Line, type Load, pieceBytes, type Shaper } from './shaper.ts';

export type Direction = 'up' | 'down';

/** Knows which lines the bytes of an exchange pass, and how fast these are at the moment. */
export class Carrier {
  readonly #shaper: Shaper;
  readonly #network: Network;
  readonly #settings: () => Settings;
  readonly #totals = new Map<string, Line>();

  constructor(shaper: Shaper, network: Network, settings: () => Settings) {
    this.#shaper = shaper;
    this.#network = network;
    this.#settings = settings;
  }

  /** Begins to move a body. `limits`: rates, in bytes a second, for this transfer alone. */
  begin(exchange: LiveExchange, direction: Direction, limits: readonly number[]): Transfer {
    const own = limits.map((bytesPerSecond) => ({ line: new Line(), bytesPerSecond }));
    const line = exchange.connection[direction];
    const shared = this.#total(direction, null);
    const ofRole = this.#total(direction, exchange.role);
    const loads = (): Load[] => {
      const settings = this.#settings();
      const pace = paceOf(settings, exchange.role);
      const [single, total] =
        direction === 'up'
          ? [pace.upBytesPerSecond, pace.upBytesPerSecondTotal]
          : [pace.downBytesPerSecond, pace.downBytesPerSecondTotal];
      const override = settings.roles[exchange.role]?.[`${direction}BytesPerSecondTotal`];
      const active: Load[] = [...own];
      if (single !== null) active.push({ line, bytesPerSecond: single });
      if (total !== null) active.push({ line: override == null ? shared : ofRole, bytesPerSecond: total });
      return active;
    };
    const close = this.#shaper.open([line, shared, ofRole, ...own.map((load) => load.line)]);
    return {
      nextPieceBytes: () => pieceBytes(loads()),
      carry: async (sizeBytes) => {
        if (this.#network.isObstructed(exchange) && !(await this.#network.passage(exchange))) return false;
        await this.#shaper.carry(sizeBytes, loads());
        // What a client sent before it left has arrived all the same.
        return direction === 'up' ? !exchange.isDropped : !exchange.isOver;
      },
      close,
    };
  }

  #total(direction: Direction, role: string | null): Line {
    const key = role === null ? direction : `${direction} ${role}`;
    const line = this.#totals.get(key) ?? new Line();
    this.#totals.set(key, line);
    return line;
  }
}

/** One body on its way in one direction. */
export interface Transfer {
  nextPieceBytes(): number;
  /** Waits until the lines have carried so many bytes. False when they are not to go on. */
  carry(sizeBytes: number): Promise<boolean>;
  close(): void;
}

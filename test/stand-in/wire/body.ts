import type { BodyFaults } from './body-faults.ts';
import type { Transfer } from './carrier.ts';
import type { WireClock } from './clock.ts';
import type { LiveExchange } from './live-exchange.ts';

/** A body that went no further. */
export class BodyBroken extends Error {
  override readonly name = 'BodyBroken';
  /** Whether a fault of its own did it; else the other end, the network or the wire's close. */
  readonly byFault: boolean;

  constructor(byFault: boolean) {
    super('the body broke off');
    this.byFault = byFault;
  }
}

/** Yields a body in the pieces and at the times in which the wire carries it.
 * @throws BodyBroken when a fault or a cut network ends it, or when nobody wants the rest.
 * @param flush Waits until what was yielded has left the process, so that a cut comes after it. */
export async function* carriedBody(
  exchange: LiveExchange,
  source: AsyncIterable<Buffer>,
  transfer: Transfer,
  faults: BodyFaults,
  clock: WireClock,
  flush: () => Promise<void>,
): AsyncGenerator<Buffer, void, undefined> {
  let offset = 0;
  await passStops();
  for await (const part of source) {
    let rest = part;
    while (rest.length > 0) {
      const piece = rest.subarray(0, Math.min(faults.roomAt(offset), transfer.nextPieceBytes()));
      rest = rest.subarray(piece.length);
      if (!(await transfer.carry(piece.length))) throw new BodyBroken(false);
      const start = offset;
      offset += piece.length;
      yield faults.changed(piece, start);
      await passStops();
    }
  }

  async function passStops(): Promise<void> {
    for (let stop = faults.stopAt(offset); stop !== null; stop = faults.stopAt(offset)) {
      const { fault } = stop;
      await flush();
      if (exchange.isOver) throw new BodyBroken(false);
      stop.happen();
      if (fault.kind === 'cut') {
        exchange.connection.destroy(fault.ending ?? 'fin');
        throw new BodyBroken(true);
      }
      const { forMs = null } = fault;
      const isPast = await exchange.whileHeard<true>((done) =>
        forMs === null ? () => {} : clock.schedule(forMs, () => done(true)),
      );
      if (isPast === null) throw new BodyBroken(true);
    }
  }
}

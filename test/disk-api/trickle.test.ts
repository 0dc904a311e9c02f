import { describe, expect, it } from 'vitest';
import { Trickle } from '../../src/disk-api/silence.ts';

/** Parts that come at a steady pace. @returns after how many of them it counted as a drip; undefined if never */
function dripsAfter(trickle: Trickle, parts: number, waitedMs: number, bytes: number): number | undefined {
  for (let part = 1; part <= parts; part++) if (trickle.isDrip(waitedMs, bytes)) return part;
  return undefined;
}

describe('a connection that comes in drops', () => {
  it('is told when a window of waiting has passed', () => {
    expect(dripsAfter(new Trickle(3_000), 1_000, 1_000, 1)).toBe(4);
    expect(dripsAfter(new Trickle(3_000), 1_000, 500, 100)).toBe(7);
  });

  it('is not one that is slow', () => {
    expect(dripsAfter(new Trickle(3_000), 1_000, 1_000, 300)).toBeUndefined();
    expect(dripsAfter(new Trickle(3_000), 1_000, 2_900, 1_460)).toBeUndefined();
  });

  it('is not one that nobody read from for a while: only waits count', () => {
    expect(dripsAfter(new Trickle(3_000), 20_000, 0.1, 1)).toBeUndefined();
  });

  it('is not one that came while this process stood still', () => {
    const trickle = new Trickle(3_000);
    expect(dripsAfter(trickle, 3, 900, 1)).toBeUndefined();
    expect(trickle.isDrip(60_000, 1)).toBe(false);
    expect(dripsAfter(trickle, 3, 900, 1)).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import { Pace, type Progress } from '../../src/disk-api/pace.ts';

const mebibyte = 1 << 20;

/** A range that waited 50 ms and then came at so many bytes a millisecond. */
function range(bytesPerMs: number, bytes = mebibyte): Progress {
  return { startedAtMs: 0, firstByteAtMs: 50, lastByteAtMs: 50 + bytes / bytesPerMs, bytes };
}

describe('Pace', () => {
  it('takes nothing for slow that is as slow as all', () => {
    const pace = new Pace();
    for (let nth = 0; nth < 5; nth++) pace.ended(range(10));
    expect(pace.isSlow({ ...range(9, 20_000), lastByteAtMs: 2_200 }, mebibyte, 0, 2_250)).toBe(false);
  });

  it('knows one far below the others, and only when it has run for a while', () => {
    const pace = new Pace();
    const drip = (nowMs: number): Progress => ({
      startedAtMs: 0,
      firstByteAtMs: 50,
      lastByteAtMs: nowMs,
      bytes: 10 * nowMs,
    });
    expect(pace.isSlow(drip(3_000), mebibyte, 0, 3_000)).toBe(false);
    for (let nth = 0; nth < 5; nth++) pace.ended(range(1_000));
    expect(pace.isSlow(drip(300), mebibyte, 0, 300)).toBe(false);
    expect(pace.isSlow(drip(3_000), mebibyte, 0, 3_000)).toBe(true);
    // What is left comes sooner than it would over a new connection.
    expect(pace.isSlow(drip(3_000), 5_000, 0, 3_000)).toBe(false);
  });

  it('knows silence, counted from when somebody began to wait', () => {
    const pace = new Pace();
    pace.ended(range(10, 1_000));
    const silent: Progress = { startedAtMs: 0, firstByteAtMs: 50, lastByteAtMs: 60, bytes: 1_000 };
    expect(pace.isSlow(silent, mebibyte, 5_000, 5_500)).toBe(false);
    expect(pace.isSlow(silent, mebibyte, 5_000, 6_100)).toBe(true);
  });

  it('is patient where answers take long', () => {
    const pace = new Pace();
    for (let nth = 0; nth < 20; nth++)
      pace.ended({ startedAtMs: 0, firstByteAtMs: 1_000, lastByteAtMs: 2_000, bytes: mebibyte });
    const waiting: Progress = { startedAtMs: 0, firstByteAtMs: undefined, lastByteAtMs: 0, bytes: 0 };
    expect(pace.isSlow(waiting, mebibyte, 0, 3_500)).toBe(false);
    expect(pace.isSlow(waiting, mebibyte, 0, 4_500)).toBe(true);
  });

  it('lets a bounded share be asked for twice', () => {
    const pace = new Pace();
    let spentBytes = 0;
    const spendAll = () => {
      while (pace.spend(mebibyte)) spentBytes += mebibyte;
    };
    spendAll();
    expect(spentBytes).toBe(8 * mebibyte);
    for (let nth = 0; nth < 64; nth++) pace.ended(range(10));
    spendAll();
    expect(spentBytes).toBe(12 * mebibyte);
  });
});

import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Bandwidth } from '../../src/async/bandwidth.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** Several transfers, each sending its chunks one after the other; tells when each chunk passed. */
async function send(bandwidth: Bandwidth, transfers: readonly (readonly number[])[]) {
  const passed: { atMs: number; sizeBytes: number }[] = [];
  const all = Promise.all(
    transfers.map(async (chunks) => {
      for (const sizeBytes of chunks) {
        await bandwidth.take(sizeBytes);
        passed.push({ atMs: performance.now(), sizeBytes });
      }
    }),
  );
  await vi.runAllTimersAsync();
  await all;
  return passed;
}

describe('a limit in bytes a second', () => {
  it('holds over any time for all transfers together, but for one chunk and a burst', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1_000, max: 1_000_000 }),
        fc.array(fc.array(fc.integer({ min: 1, max: 65_536 }), { maxLength: 8 }), { maxLength: 5 }),
        async (limit, transfers) => {
          const bandwidth = new Bandwidth();
          bandwidth.limit = limit;
          const passed = await send(bandwidth, transfers);
          for (let from = 0; from < passed.length; from++) {
            let bytes = 0;
            for (const { atMs, sizeBytes } of passed.slice(from)) {
              const overSec = (atMs - (passed[from]?.atMs ?? 0)) / 1000;
              // The chunk that just passed is paid for by those behind it.
              expect(bytes).toBeLessThanOrEqual(limit * (overSec + 0.1) + 1);
              bytes += sizeBytes;
            }
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('is used up: nobody waits longer than it asks for', async () => {
    const bandwidth = new Bandwidth();
    bandwidth.limit = 100_000;
    const startedAtMs = performance.now();
    await send(
      bandwidth,
      Array.from({ length: 4 }, () => Array.from({ length: 25 }, () => 10_000)),
    );
    const tookSec = (performance.now() - startedAtMs) / 1000;
    expect(tookSec).toBeGreaterThan(9.7);
    expect(tookSec).toBeLessThan(10.1);
  });

  it('goes by turns', async () => {
    const bandwidth = new Bandwidth();
    bandwidth.limit = 10_000;
    const order: string[] = [];
    const transfer = async (name: string) => {
      for (let chunk = 0; chunk < 4; chunk++) {
        await bandwidth.take(5_000);
        order.push(name);
      }
    };
    const all = Promise.all([transfer('a'), transfer('b')]);
    await vi.runAllTimersAsync();
    await all;
    expect(order.slice(1).join('')).toBe('bababab');
  });

  it('can be raised, lowered and lifted while transfers wait', async () => {
    const bandwidth = new Bandwidth();
    bandwidth.limit = 1_000;
    let passed = 0;
    const worker = async () => {
      for (let chunk = 0; chunk < 1_000; chunk++) {
        await bandwidth.take(1_000);
        passed++;
      }
    };
    const working = worker();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(passed).toBeGreaterThanOrEqual(10);
    expect(passed).toBeLessThanOrEqual(12);
    bandwidth.limit = 100_000;
    passed = 0;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(passed).toBeGreaterThanOrEqual(90);
    expect(passed).toBeLessThanOrEqual(111);
    bandwidth.limit = 1_000;
    passed = 0;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(passed).toBeGreaterThanOrEqual(8);
    expect(passed).toBeLessThanOrEqual(12);
    bandwidth.limit = 0;
    await vi.advanceTimersByTimeAsync(0);
    await working;
  });

  it('forgets whoever gives up, and does not make others wait for them', async () => {
    const bandwidth = new Bandwidth();
    bandwidth.limit = 1_000;
    await bandwidth.take(2_000);
    const giving = new AbortController();
    const large = bandwidth.take(1_000_000, giving.signal);
    const refusal = expect(large).rejects.toMatchObject({ code: 'aborted' });
    const startedAtMs = performance.now();
    const patient = bandwidth.take(1).then(() => performance.now() - startedAtMs);
    giving.abort();
    await refusal;
    await vi.runAllTimersAsync();
    expect(await patient).toBeLessThan(2_100);
    await expect(bandwidth.take(1, AbortSignal.abort())).rejects.toMatchObject({ code: 'aborted' });
  });

  it('names a size of pieces that flow evenly', () => {
    const bandwidth = new Bandwidth();
    expect(bandwidth.pieceBytes).toBe(65_536);
    bandwidth.limit = 100_000;
    expect(bandwidth.pieceBytes).toBe(10_000);
    bandwidth.limit = 10;
    expect(bandwidth.pieceBytes).toBe(1_024);
  });
});

import { describe, expect, it } from 'vitest';
import { ask, eventually, patternOf, startGround } from './fixture.ts';

/** Upper bounds of time hold on a quiet machine; on a busy one they get another chance. */
const busyMachine = { retry: 3 };

/** Offsets at which two buffers of one length differ. */
function differences(one: Buffer, other: Buffer): number[] {
  expect(one.length).toBe(other.length);
  return [...one.keys()].filter((index) => one[index] !== other[index]);
}

describe('a download', busyMachine, () => {
  it.each([0, 1, 65_536, 299_999])('is cut after exactly %i bytes', async (afterBytes) => {
    const { url, wire } = await startGround();
    wire.faults.add({ count: 1, fault: { kind: 'cut', afterBytes } });
    const seen = await ask(`${url}/file/300000`);
    expect(seen).toMatchObject({ status: 200, error: 'ECONNRESET' });
    expect(seen.headers['content-length']).toBe('300000');
    expect(seen.body.equals(patternOf(afterBytes))).toBe(true);
    expect(wire.faultLog).toMatchObject([{ kind: 'cut' }]);
    expect(wire.statistics.snapshot().all).toMatchObject({ broken: 1, bytesOut: afterBytes });
    expect((await ask(`${url}/file/300000`)).body.length).toBe(300_000);
  });

  it('is cut when it is chunked, too', async () => {
    const { url, wire } = await startGround();
    wire.faults.add({ count: 1, fault: { kind: 'cut', afterBytes: 1234 } });
    const seen = await ask(`${url}/chunked/300000`);
    expect(seen).toMatchObject({ status: 200, error: 'ECONNRESET' });
    expect(seen.body.length).toBe(1234);
  });

  it('stalls and goes on', async () => {
    const { url, wire } = await startGround();
    wire.faults.add({ fault: { kind: 'stall', afterBytes: 100_000, forMs: 200 } });
    const arrivals: [sizeBytes: number, atMs: number][] = [];
    const startedMs = performance.now();
    const seen = await ask(`${url}/file/300000`, {
      onBytes: (sizeBytes) => arrivals.push([sizeBytes, performance.now() - startedMs]),
    });
    expect(seen.body.equals(patternOf(300_000))).toBe(true);
    const first = arrivals.findIndex(([sizeBytes]) => sizeBytes === 100_000);
    expect(first).toBeGreaterThanOrEqual(0);
    const [[, beforeMs] = [0, 0], [, afterMs] = [0, 0]] = arrivals.slice(first, first + 2);
    expect(afterMs - beforeMs).toBeGreaterThan(150);
  });

  it('stalls for ever, until the client leaves', async () => {
    const { url, wire } = await startGround();
    wire.faults.add({ fault: { kind: 'stall', afterBytes: 1000 } });
    const seen = await ask(`${url}/file/300000`, { signal: AbortSignal.timeout(150) });
    expect(seen.body.length).toBe(1000);
    expect(wire.faultLog).toMatchObject([{ kind: 'stall' }]);
    await eventually(() => wire.statistics.snapshot().all.inFlight === 0);
  });

  it('is corrupted where told, and nowhere else', async () => {
    const { url, wire } = await startGround();
    // Over the border of two parts of the handler's body.
    wire.faults.add({ count: 1, fault: { kind: 'corrupt', offset: 100_398, bytes: 4 } });
    const seen = await ask(`${url}/file/300000`);
    expect(seen).toMatchObject({ status: 200, error: null });
    expect(differences(seen.body, patternOf(300_000))).toEqual([100_398, 100_399, 100_400, 100_401]);
    // The handler's own memory was left alone.
    expect((await ask(`${url}/file/300000`)).body.equals(patternOf(300_000))).toBe(true);
  });

  it('is corrupted somewhere', async () => {
    const { url, wire } = await startGround();
    wire.faults.add({ count: 5, fault: { kind: 'corrupt' } });
    const places = new Set<number>();
    for (let round = 0; round < 5; round += 1) {
      const { body } = await ask(`${url}/file/300000`);
      const different = differences(body, patternOf(300_000));
      expect(different.length).toBe(1);
      places.add(different[0] ?? -1);
    }
    expect(places.size).toBeGreaterThan(1);
    expect(wire.faultLog.length).toBe(5);
  });

  it('is slow alone', async () => {
    const { url, wire } = await startGround();
    wire.faults.add({ path: 'disk:/slow', fault: { kind: 'slow', bytesPerSecond: 200_000 } });
    const [slow, other] = await Promise.all([
      ask(`${url}/file/60000?path=disk:/slow`),
      ask(`${url}/file/60000`),
    ]);
    expect(slow.body.equals(patternOf(60_000))).toBe(true);
    expect(slow.ms).toBeGreaterThan(280);
    expect(other.ms).toBeLessThan(200);
  });

  it('can suffer several faults', async () => {
    const { url, wire } = await startGround();
    wire.faults.add({ fault: { kind: 'corrupt', offset: 10 } });
    wire.faults.add({ fault: { kind: 'cut', afterBytes: 5000 } });
    const seen = await ask(`${url}/file/300000`);
    expect(seen.error).toBe('ECONNRESET');
    expect(differences(seen.body, patternOf(5000))).toEqual([10]);
  });

  it('that is shorter than where a fault would be is unharmed, and the fault is kept', async () => {
    const { url, wire } = await startGround();
    wire.faults.add({ count: 1, fault: { kind: 'cut', afterBytes: 1000 } });
    expect((await ask(`${url}/file/1000`)).error).toBeNull();
    expect((await ask(`${url}/chunked/900`)).error).toBeNull();
    expect(wire.faultLog).toEqual([]);
    expect(wire.faults.list()).toMatchObject([{ appliedCount: 0 }]);
    expect((await ask(`${url}/file/1001`)).body.length).toBe(1000);
    expect(wire.faults.list()).toMatchObject([{ appliedCount: 1 }]);
  });
});

describe('an upload', busyMachine, () => {
  it.each([0, 1, 150_000])('is cut after exactly %i bytes', async (afterBytes) => {
    const { url, wire, committed, broken } = await startGround();
    wire.faults.add({ count: 1, fault: { kind: 'cut', direction: 'up', afterBytes } });
    const body = patternOf(300_000);
    const seen = await ask(`${url}/upload`, { method: 'PUT', body });
    expect(seen.status).toBeNull();
    expect(['ECONNRESET', 'EPIPE']).toContain(seen.error);
    await eventually(() => broken.length === 1);
    expect(broken).toEqual([afterBytes]);
    expect(committed).toEqual([]);
    expect(wire.statistics.snapshot().all.bytesIn).toBe(afterBytes);
    expect(wire.faultLog).toMatchObject([{ kind: 'cut' }]);
  });

  it('stalls and goes on', async () => {
    const { url, wire, committed } = await startGround();
    wire.faults.add({ fault: { kind: 'stall', direction: 'up', afterBytes: 1000, forMs: 200 } });
    const body = patternOf(300_000);
    const seen = await ask(`${url}/upload`, { method: 'PUT', body });
    expect(seen.status).toBe(201);
    expect(seen.ms).toBeGreaterThan(195);
    expect(committed[0]?.equals(body)).toBe(true);
  });

  it('arrives corrupted', async () => {
    const { url, wire, committed } = await startGround();
    wire.faults.add({ fault: { kind: 'corrupt', direction: 'up', offset: 70_000 } });
    const body = patternOf(300_000);
    expect((await ask(`${url}/upload`, { method: 'PUT', body })).status).toBe(201);
    expect(differences(committed[0] ?? Buffer.alloc(0), body)).toEqual([70_000]);
    expect(wire.faultLog).toMatchObject([{ kind: 'corrupt' }]);
  });

  it('is slow', async () => {
    const { url, wire } = await startGround();
    wire.faults.add({ fault: { kind: 'slow', direction: 'up', bytesPerSecond: 100_000 } });
    const seen = await ask(`${url}/upload`, { method: 'PUT', body: patternOf(30_000) });
    expect(seen.status).toBe(201);
    expect(seen.ms).toBeGreaterThan(280);
  });

  it('that its client gives up is no upload', async () => {
    const { url, wire, committed, broken } = await startGround({ settings: { upBytesPerSecond: 1e5 } });
    const asked = ask(`${url}/upload`, {
      method: 'PUT',
      body: patternOf(20_000_000),
      signal: AbortSignal.timeout(150),
    });
    expect((await asked).status).toBeNull();
    wire.configure({ upBytesPerSecond: null });
    await eventually(() => broken.length === 1);
    expect(broken[0]).toBeLessThan(20_000_000);
    expect(committed).toEqual([]);
  });

  it.each([
    4000, 50_000,
  ])('of %i bytes that have arrived takes effect though its client has left', async (sizeBytes) => {
    const { url, wire, committed } = await startGround({ settings: { upBytesPerSecond: sizeBytes * 5 } });
    const body = patternOf(sizeBytes); // 200 ms
    const seen = await ask(`${url}/upload`, { method: 'PUT', body, signal: AbortSignal.timeout(100) });
    expect(seen.status).toBeNull();
    await eventually(() => committed.length === 1);
    expect(committed[0]?.equals(body)).toBe(true);
    expect(wire.statistics.snapshot().all).toMatchObject({ broken: 1, bytesIn: sizeBytes });
  });
});

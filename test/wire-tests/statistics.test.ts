import { describe, expect, it } from 'vitest';
import { RateWindow } from '../stand-in/wire/rate-window.ts';
import { ask, eventually, keepingAgent, patternOf, startGround } from './fixture.ts';

describe('statistics', () => {
  it('count by route, role and in all', async () => {
    const { url, wire } = await startGround({ settings: { delayMs: 30 } });
    await Promise.all([1, 2, 3].map(() => ask(`${url}/file/1000`)));
    await ask(`${url}/upload?role=uploader`, { method: 'PUT', body: patternOf(777) });
    await ask(`${url}/redirect`);
    const snapshot = wire.statistics.snapshot();
    expect(snapshot.all).toEqual({
      count: 5,
      byStatus: { 200: 3, 201: 1, 302: 1 },
      redirects: 1,
      broken: 0,
      bytesIn: 777,
      bytesOut: 3000,
      inFlight: 0,
      maxInFlight: 3,
      maxPerSecond: 5,
    });
    expect(snapshot.routes['file.get']).toMatchObject({ count: 3, bytesOut: 3000, maxInFlight: 3 });
    expect(snapshot.routes['upload.put']).toMatchObject({ count: 1, bytesIn: 777 });
    expect(Object.keys(snapshot.routes).sort()).toEqual(['file.get', 'redirect.get', 'upload.put']);
    expect(snapshot.roles['uploader']).toMatchObject({ count: 1, byStatus: { 201: 1 } });
    expect(snapshot.roles['data']).toMatchObject({ count: 4 });
    expect(snapshot.connections['data']).toMatchObject({ opened: 5 });
    expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot);
  });

  it('count connections, not requests, as connections', async () => {
    const { url, wire } = await startGround();
    const agent = keepingAgent(1);
    for (let round = 0; round < 4; round += 1) await ask(`${url}/json`, { agent });
    expect(wire.statistics.snapshot().connections).toEqual({ data: { opened: 1, open: 1, maxOpen: 1 } });
    agent.destroy();
    await eventually(() => wire.statistics.snapshot().connections['data']?.open === 0);
  });

  it('start anew, but know what is in flight', async () => {
    const { url, wire } = await startGround();
    await ask(`${url}/json`);
    const gate = wire.hold({ stage: 'before' });
    const asked = ask(`${url}/file/100`);
    await gate.arrived();
    wire.statistics.reset();
    expect(wire.statistics.snapshot()).toMatchObject({
      all: { count: 0, inFlight: 1, maxInFlight: 1, maxPerSecond: 0 },
      routes: { 'file.get': { count: 0, inFlight: 1 } },
    });
    expect(wire.statistics.snapshot().routes['json.get']).toBeUndefined();
    gate.release();
    await asked;
    expect(wire.statistics.snapshot().all).toMatchObject({
      inFlight: 0,
      byStatus: { 200: 1 },
      bytesOut: 100,
    });
  });
});

describe('the most in a second', () => {
  it('is found wherever the second begins', () => {
    const window = new RateWindow(1000);
    // 40 at the end of one calendar second and 40 at the start of the next are 80 in one.
    for (let index = 0; index < 40; index += 1) window.add(900 + index);
    for (let index = 0; index < 40; index += 1) window.add(1100 + index);
    expect(window.max).toBe(80);
    // Any later second has fewer.
    for (let index = 0; index < 50; index += 1) window.add(5000 + index);
    expect(window.max).toBe(80);
  });

  it('lets what is a whole second ago go', () => {
    const window = new RateWindow(1000);
    for (let index = 0; index < 400; index += 1) window.add(index * 25);
    expect(window.max).toBe(40);
    window.reset();
    expect(window.max).toBe(0);
    window.add(20_000);
    expect(window.max).toBe(1);
  });

  it('agrees with plain counting on any sequence', () => {
    let seed = 7;
    const next = () => {
      seed = (seed * 16_807) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const times: number[] = [];
    let atMs = 0;
    for (let index = 0; index < 3000; index += 1) {
      atMs += next() < 0.02 ? next() * 3000 : next() * 12;
      times.push(atMs);
    }
    const window = new RateWindow(1000);
    for (const time of times) window.add(time);
    const plain = times.map(
      (end, index) => times.slice(0, index + 1).filter((time) => time > end - 1000).length,
    );
    expect(window.max).toBe(Math.max(...plain));
  });
});

describe('the request log', () => {
  it('tells what was asked and how it went', async () => {
    const { url, wire } = await startGround({ settings: { delayMs: 20 } });
    wire.faults.add({ route: 'file.get', skip: 1, fault: { kind: 'cut', afterBytes: 5 } });
    wire.faults.add({ route: 'json.get', fault: { kind: 'reset' } });
    await ask(`${url}/file/50?path=disk:/a`, { headers: { range: 'bytes=0-49' } });
    await ask(`${url}/file/50`);
    await ask(`${url}/json`);
    await eventually(() => wire.requestLog.list().length === 3);
    expect(wire.requestLog.list()).toMatchObject([
      {
        exchangeId: 1,
        role: 'data',
        route: 'file.get',
        method: 'GET',
        path: 'disk:/a',
        status: 200,
        range: 'bytes=0-49',
        bytesIn: 0,
        bytesOut: 50,
        complete: true,
      },
      { route: 'file.get', status: 200, range: null, bytesOut: 5, complete: false },
      { route: 'json.get', status: null, complete: false },
    ]);
    expect(wire.requestLog.list().every(({ durationMs }) => durationMs > 19)).toBe(true);
    wire.requestLog.clear();
    expect(wire.requestLog.list()).toEqual([]);
  });

  it('keeps the last ones only', async () => {
    const { url, wire } = await startGround({ settings: { logCapacity: 3 } });
    const ids = () => wire.requestLog.list().map(({ exchangeId }) => exchangeId);
    for (let round = 0; round < 5; round += 1) await ask(`${url}/json`);
    await eventually(() => wire.statistics.snapshot().all.inFlight === 0);
    expect(ids()).toEqual([3, 4, 5]);
    wire.configure({ logCapacity: 2 });
    expect(ids()).toEqual([4, 5]);
    await ask(`${url}/json`);
    expect(ids()).toEqual([5, 6]);
    wire.configure({ logCapacity: 0 });
    await ask(`${url}/json`);
    expect(ids()).toEqual([]);
  });
});

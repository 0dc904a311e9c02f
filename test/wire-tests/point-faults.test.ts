import { describe, expect, it } from 'vitest';
import { ask, eventually, keepingAgent, patternOf, startGround } from './fixture.ts';

describe('status', () => {
  it('answers before the handler, with a JSON error', async () => {
    const { url, wire, handled } = await startGround();
    wire.faults.add({
      id: 'busy',
      route: 'json.*',
      count: 1,
      fault: {
        kind: 'status',
        status: 429,
        error: 'TooManyRequestsError',
        message: 'Слишком много',
        headers: { 'Retry-After': '3' },
      },
    });
    const agent = keepingAgent(1);
    const seen = await ask(`${url}/json`, { agent });
    expect(seen.status).toBe(429);
    expect(seen.headers['retry-after']).toBe('3');
    expect(seen.headers['content-type']).toBe('application/json');
    expect(JSON.parse(seen.body.toString())).toEqual({
      error: 'TooManyRequestsError',
      description: 'Too Many Requests.',
      message: 'Слишком много',
    });
    expect(handled).toEqual([]);
    // The connection lives, and the fault is used up.
    expect((await ask(`${url}/json`, { agent })).status).toBe(200);
    expect(wire.statistics.snapshot().connections).toEqual({ data: { opened: 1, open: 1, maxOpen: 1 } });
    expect(wire.faultLog).toMatchObject([
      { ruleId: 'busy', kind: 'status', exchangeId: 1, route: 'json.get' },
    ]);
  });

  it.each([
    ['html', 502, 'text/html', /^<html>.*502 Bad Gateway/s],
    ['empty', 503, undefined, /^$/],
  ] as const)('answers with a body of kind %s', async (body, status, type, pattern) => {
    const { url, wire } = await startGround();
    wire.faults.add({ fault: { kind: 'status', status, body } });
    const seen = await ask(`${url}/json`);
    expect(seen).toMatchObject({ status, error: null });
    expect(seen.headers['content-type']).toBe(type);
    expect(seen.headers['content-length']).toBe(String(seen.body.length));
    expect(seen.body.toString()).toMatch(pattern);
  });

  it('answers an upload without taking its bytes, and the connection stays usable', async () => {
    const { url, wire, committed } = await startGround();
    wire.faults.add({ count: 1, fault: { kind: 'status', status: 507 } });
    const agent = keepingAgent(1);
    const body = patternOf(3_000_000);
    const refused = await ask(`${url}/upload`, { method: 'PUT', body, agent });
    expect(refused.status).toBe(507);
    expect(committed).toEqual([]);
    expect((await ask(`${url}/upload`, { method: 'PUT', body, agent })).status).toBe(201);
    expect(committed[0]?.equals(body)).toBe(true);
  });

  it('comes before the commit, or after the effect, when its stage says so', async () => {
    const { url, wire, committed } = await startGround();
    wire.faults.add({ count: 1, fault: { kind: 'status', status: 500, stage: 'before-commit' } });
    const body = patternOf(100_000);
    expect((await ask(`${url}/upload`, { method: 'PUT', body })).status).toBe(500);
    expect(committed).toEqual([]);
    wire.faults.add({ count: 1, fault: { kind: 'status', status: 504, stage: 'before-response' } });
    expect((await ask(`${url}/upload`, { method: 'PUT', body })).status).toBe(504);
    expect(committed.length).toBe(1);
    expect(wire.statistics.snapshot().all.byStatus).toEqual({ 500: 1, 504: 1 });
  });

  it('refuses headers that cannot be sent', async () => {
    const { wire } = await startGround();
    expect(() =>
      wire.faults.add({ fault: { kind: 'status', status: 500, headers: { 'a b': 'c' } } }),
    ).toThrow();
  });
});

describe('reset', () => {
  it('kills the connection before the handler ran', async () => {
    const { url, wire, handled } = await startGround();
    wire.faults.add({ count: 1, fault: { kind: 'reset' } });
    expect(await ask(`${url}/json`)).toMatchObject({ status: null, error: 'ECONNRESET' });
    expect(handled).toEqual([]);
    expect((await ask(`${url}/json`)).status).toBe(200);
    expect(wire.faultLog).toMatchObject([{ kind: 'reset' }]);
    expect(wire.statistics.snapshot().all).toMatchObject({ count: 2, broken: 1, inFlight: 0 });
  });
});

describe('lost-reply', () => {
  it('lets the effect happen and says nothing of it', async () => {
    const { url, wire, committed } = await startGround();
    wire.faults.add({ count: 1, fault: { kind: 'lost-reply' } });
    const seen = await ask(`${url}/upload`, { method: 'PUT', body: patternOf(5000) });
    expect(seen).toMatchObject({ status: null, error: 'ECONNRESET' });
    expect(committed.length).toBe(1);
    expect(wire.faultLog).toMatchObject([{ kind: 'lost-reply' }]);
  });
});

describe('silence', () => {
  it('never answers, and ends when the client gives up', async () => {
    const { url, wire, handled } = await startGround();
    wire.faults.add({ count: 1, fault: { kind: 'silence' } });
    const seen = await ask(`${url}/json`, { signal: AbortSignal.timeout(150) });
    expect(seen).toMatchObject({ status: null, error: 'ABORT_ERR' });
    await eventually(() => wire.statistics.snapshot().all.inFlight === 0);
    expect(handled).toEqual([]);
    expect(wire.faultLog).toMatchObject([{ kind: 'silence' }]);
  });

  it('can come after the effect', async () => {
    const { url, wire, handled } = await startGround();
    wire.faults.add({ count: 1, fault: { kind: 'silence', stage: 'before-response' } });
    const seen = await ask(`${url}/json`, { signal: AbortSignal.timeout(100) });
    expect(seen.status).toBeNull();
    expect(handled).toEqual(['/json']);
  });
});

describe('delay', () => {
  it('waits longer and goes on', async () => {
    const { url, wire } = await startGround();
    wire.faults.add({ fault: { kind: 'delay', delayMs: 120 } });
    const seen = await ask(`${url}/json`);
    expect(seen.status).toBe(200);
    expect(seen.ms).toBeGreaterThan(119);
  });

  it('comes before another fault of the same exchange', async () => {
    const { url, wire } = await startGround();
    wire.faults.add({ fault: { kind: 'status', status: 503 } });
    wire.faults.add({ fault: { kind: 'delay', delayMs: 100 } });
    const seen = await ask(`${url}/json`);
    expect(seen.status).toBe(503);
    expect(seen.ms).toBeGreaterThan(99);
    expect(wire.faultLog.map(({ kind }) => kind)).toEqual(['delay', 'status']);
  });
});

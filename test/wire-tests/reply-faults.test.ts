import { describe, expect, it } from 'vitest';
import { ask, patternOf, startGround } from './fixture.ts';

describe('truncate', () => {
  it.each([
    [{ keepBytes: 150_000 }, 150_000],
    [{ keepBytes: 0 }, 0],
    [{ dropBytes: 10 }, 299_990],
    [{}, 299_999],
  ])('%o ends the reply cleanly', async (parameters, sizeBytes) => {
    const { url, wire } = await startGround();
    wire.faults.add({ fault: { kind: 'truncate', ...parameters } });
    const seen = await ask(`${url}/file/300000`);
    expect(seen).toMatchObject({ status: 200, error: null });
    expect(seen.headers['content-length']).toBe(String(sizeBytes));
    expect(seen.body.equals(patternOf(sizeBytes))).toBe(true);
    expect(wire.faultLog).toMatchObject([{ kind: 'truncate' }]);
    expect(wire.statistics.snapshot().all.broken).toBe(0);
  });
});

describe('broken-json', () => {
  const whole = JSON.stringify({ name: 'Документы', path: null });

  it.each(['cut', 'garbage', 'utf16', 'html', 'empty'] as const)('of kind %s cannot be read', async (how) => {
    const { url, wire } = await startGround();
    wire.faults.add({ fault: { kind: 'broken-json', how } });
    const seen = await ask(`${url}/json`);
    expect(seen).toMatchObject({ status: 200, error: null });
    expect(seen.headers['content-length']).toBe(String(seen.body.length));
    expect(seen.headers['content-type']).toContain(how === 'html' ? 'text/html' : 'application/json');
    expect(() => JSON.parse(seen.body.toString())).toThrow();
    if (how === 'cut') expect(whole.startsWith(seen.body.toString().slice(0, 8))).toBe(true);
    if (how === 'utf16') expect(seen.body.toString('utf16le')).toBe(`\ufeff${whole}`);
    expect(wire.faultLog).toMatchObject([{ kind: 'broken-json' }]);
  });

  it('of kind shape is JSON of another shape', async () => {
    const { url, wire } = await startGround();
    wire.faults.add({ fault: { kind: 'broken-json', how: 'shape' } });
    expect(JSON.parse((await ask(`${url}/json`)).body.toString())).toBeNull();
  });

  it('leaves other replies alone', async () => {
    const { url, wire } = await startGround();
    wire.faults.add({ fault: { kind: 'broken-json', how: 'garbage' } });
    expect((await ask(`${url}/file/5000`)).body.equals(patternOf(5000))).toBe(true);
    expect(wire.faultLog).toEqual([]);
  });
});

describe('content-range', () => {
  it.each([
    [{}, 'bytes 1-5000/5000'],
    [{ shiftBytes: -100 }, 'bytes -100-4899/5000'],
    [{ value: 'bytes 7-8/9' }, 'bytes 7-8/9'],
  ])('%o names other bytes', async (parameters, value) => {
    const { url, wire } = await startGround();
    wire.faults.add({ fault: { kind: 'content-range', ...parameters } });
    const seen = await ask(`${url}/file/5000`);
    expect(seen.headers['content-range']).toBe(value);
    expect(seen.body.equals(patternOf(5000))).toBe(true);
  });

  it('needs a reply that has one', async () => {
    const { url, wire } = await startGround();
    wire.faults.add({ fault: { kind: 'content-range' } });
    expect((await ask(`${url}/json`)).headers['content-range']).toBeUndefined();
    expect(wire.faultLog).toEqual([]);
  });
});

describe('headers', () => {
  it('sets and removes whatever the case', async () => {
    const { url, wire } = await startGround();
    wire.faults.add({
      fault: {
        kind: 'headers',
        set: { 'CONTENT-TYPE': 'text/plain', etag: '"x"' },
        remove: ['Content-Range'],
      },
    });
    const { headers } = await ask(`${url}/file/10`);
    expect(headers).toMatchObject({ 'content-type': 'text/plain', etag: '"x"' });
    expect(headers['content-range']).toBeUndefined();
  });
});

describe('a reply of its own accord', () => {
  it('that is shorter than it says kills the connection and is the handler’s error', async () => {
    const { url, errors } = await startGround();
    const seen = await ask(`${url}/short/100`);
    expect(seen.error).toBe('ECONNRESET');
    expect(errors).toMatchObject([{ message: 'short.get: a body of 100 bytes declared as 110' }]);
  });

  it('to HEAD has a length and no body', async () => {
    const { url } = await startGround();
    const seen = await ask(`${url}/file/5000`, { method: 'HEAD' });
    expect(seen).toMatchObject({ status: 200, error: null });
    expect(seen.headers['content-length']).toBe('5000');
    expect(seen.body.length).toBe(0);
  });
});

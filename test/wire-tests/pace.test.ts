import { describe, expect, it } from 'vitest';
import { ask, keepingAgent, patternOf, pause, startGround } from './fixture.ts';

/** Upper bounds of time hold on a quiet machine; on a busy one they get another chance. */
const busyMachine = { retry: 3 };

describe('delay', busyMachine, () => {
  it('is waited once for each request, in parallel for parallel ones', async () => {
    const { url } = await startGround({ settings: { delayMs: 100 } });
    const startedMs = performance.now();
    const seen = await Promise.all(Array.from({ length: 40 }, () => ask(`${url}/json`)));
    const ms = performance.now() - startedMs;
    expect(seen.every(({ status, ms: took }) => status === 200 && took >= 99)).toBe(true);
    expect(ms).toBeLessThan(1000);
  });

  it('is longer for the first request of a connection', async () => {
    const { url } = await startGround({ settings: { delayMs: 20, connectDelayMs: 200 } });
    const agent = keepingAgent(1);
    const first = await ask(`${url}/json`, { agent });
    const second = await ask(`${url}/json`, { agent });
    const other = await ask(`${url}/json`);
    expect(first.ms).toBeGreaterThan(215);
    expect(second.ms).toBeGreaterThan(19);
    expect(second.ms).toBeLessThan(150);
    expect(other.ms).toBeGreaterThan(215);
  });

  it('can differ by role, and change while the server runs', async () => {
    const { url, wire } = await startGround({ settings: { roles: { slow: { delayMs: 150 } } } });
    expect((await ask(`${url}/json?role=slow`)).ms).toBeGreaterThan(149);
    expect((await ask(`${url}/json`)).ms).toBeLessThan(120);
    wire.configure({ delayMs: 80, roles: { slow: {} } });
    const [slow, other] = await Promise.all([ask(`${url}/json?role=slow`), ask(`${url}/json`)]);
    expect(Math.min(slow.ms, other.ms)).toBeGreaterThan(79);
    expect(slow.ms).toBeLessThan(145);
  });

  it('does not undo a request whose client has left', async () => {
    const { url, handled } = await startGround({ settings: { delayMs: 100 } });
    const seen = await ask(`${url}/effect`, { method: 'DELETE', signal: AbortSignal.timeout(30) });
    expect(seen.status).toBeNull();
    expect(handled).toEqual([]);
    await pause(150);
    expect(handled).toEqual(['/effect']);
  });

  it('refuses settings that are none', async () => {
    const { wire } = await startGround();
    expect(() => wire.configure({ delayMs: -1 })).toThrow();
    expect(() => wire.configure(JSON.parse('{"downBytesPerSecund": 5}'))).toThrow();
    expect(wire.settings.delayMs).toBe(0);
  });
});

describe('bandwidth', busyMachine, () => {
  it('gives one connection what it is set to, byte for byte', async () => {
    const { url } = await startGround({ settings: { downBytesPerSecond: 20e6 } });
    const seen = await ask(`${url}/file/10000000`);
    expect(seen.body.equals(patternOf(10_000_000))).toBe(true);
    expect(seen.ms).toBeGreaterThan(480);
    expect(seen.ms).toBeLessThan(1000);
  });

  it('shares the total evenly, a connection each', async () => {
    const { url } = await startGround({
      settings: { downBytesPerSecond: 20e6, downBytesPerSecondTotal: 40e6 },
    });
    const seen = await Promise.all(Array.from({ length: 5 }, () => ask(`${url}/file/4000000`)));
    for (const { body, ms } of seen) {
      expect(body.length).toBe(4_000_000);
      expect(ms).toBeGreaterThan(400); // Alone it would be 200.
      expect(ms).toBeLessThan(1000);
    }
  });

  it('limits uploads and holds their client back', async () => {
    const { url, committed } = await startGround({ settings: { upBytesPerSecond: 20e6 } });
    const body = patternOf(8_000_000);
    const seen = await ask(`${url}/upload`, { method: 'PUT', body });
    expect(seen.status).toBe(201);
    expect(committed[0]?.equals(body)).toBe(true);
    expect(seen.ms).toBeGreaterThan(380);
    expect(seen.ms).toBeLessThan(900);
  });

  it('can be lowered for one upload', async () => {
    const { url, committed } = await startGround();
    const body = patternOf(40_000);
    const seen = await ask(`${url}/upload?limit=100000`, { method: 'PUT', body });
    expect(committed[0]?.equals(body)).toBe(true);
    expect(seen.ms).toBeGreaterThan(380);
    expect(seen.ms).toBeLessThan(800);
  });

  it('gives a role with a total of its own that total alone', async () => {
    const { url } = await startGround({
      settings: { downBytesPerSecondTotal: 1e6, roles: { fast: { downBytesPerSecondTotal: 100e6 } } },
    });
    const [slow, fast] = await Promise.all([ask(`${url}/file/400000`), ask(`${url}/file/2000000?role=fast`)]);
    expect(slow.ms).toBeGreaterThan(390);
    expect(fast.ms).toBeLessThan(300);
    expect(fast.body.length).toBe(2_000_000);
  });

  it('changes for transfers under way', async () => {
    const { url, wire } = await startGround({ settings: { downBytesPerSecond: 1e5 } });
    const asked = ask(`${url}/file/10000000`); // 100 s at this rate
    await pause(100);
    wire.configure({ downBytesPerSecond: null });
    expect((await asked).body.equals(patternOf(10_000_000))).toBe(true);
  });

  it('sends slow bodies in small pieces, not in lumps', async () => {
    const { url } = await startGround({ settings: { downBytesPerSecond: 100_000 } });
    let arrivals = 0;
    await ask(`${url}/file/50000`, {
      onBytes: () => {
        arrivals += 1;
      },
    });
    expect(arrivals).toBeGreaterThan(10);
  });

  it('does not read on for a client that does not', async () => {
    const { url, wire } = await startGround();
    const controller = new AbortController();
    const res = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
      import('node:http').then(({ get }) =>
        get(`${url}/file/500000000`, { agent: false, signal: controller.signal }, resolve).on(
          'error',
          reject,
        ),
      );
    });
    res.on('error', () => {});
    await pause(200);
    const { bytesOut } = wire.statistics.snapshot().all;
    controller.abort();
    expect(bytesOut).toBeGreaterThan(0);
    expect(bytesOut).toBeLessThan(50_000_000); // What the kernel's buffers hold.
  });
});

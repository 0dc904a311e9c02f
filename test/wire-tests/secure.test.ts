import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import * as https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Asking, ask, patternOf, type Seen, startGround } from './fixture.ts';

let tls: { key: Buffer; cert: Buffer };

beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), 'wire-tls-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const name = ['-subj', '/CN=stand-in', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const options = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...options, ...name, '-keyout', key, '-out', cert], {
    stdio: 'pipe',
  });
  tls = { key: readFileSync(key), cert: readFileSync(cert) };
  rmSync(folder, { recursive: true });
});

function askSecurely(url: string, asking: Asking = {}): Promise<Seen> {
  return ask(url, { ca: tls.cert, ...asking });
}

describe('over TLS', () => {
  it('a reset is a reset, and a cut comes after exactly its bytes', async () => {
    const { url, wire } = await startGround({ tls });
    wire.faults.add({ count: 1, fault: { kind: 'reset' } });
    expect((await askSecurely(`${url}/json`)).error).toBe('ECONNRESET');
    wire.faults.add({ count: 1, fault: { kind: 'cut', afterBytes: 123_456 } });
    const seen = await askSecurely(`${url}/file/300000`);
    expect(seen.error).toBe('ECONNRESET');
    expect(seen.body.equals(patternOf(123_456))).toBe(true);
    expect((await askSecurely(`${url}/file/300000`)).body.equals(patternOf(300_000))).toBe(true);
    expect(wire.statistics.snapshot()).toMatchObject({
      all: { count: 3, broken: 2 },
      connections: { data: { opened: 3 } },
    });
  });

  it('pace and uploads are as without', async () => {
    const { url, wire, committed } = await startGround({
      tls,
      settings: { delayMs: 10, connectDelayMs: 100, upBytesPerSecond: 5e6, downBytesPerSecond: 5e6 },
    });
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1, ca: tls.cert });
    onTestFinished(() => agent.destroy());
    const body = patternOf(1_000_000);
    const up = await askSecurely(`${url}/upload`, { method: 'PUT', body, agent });
    expect(up.status).toBe(201);
    expect(up.ms).toBeGreaterThan(290);
    expect(committed[0]?.equals(body)).toBe(true);
    const down = await askSecurely(`${url}/file/1000000`, { agent });
    expect(down.body.equals(body)).toBe(true);
    expect(down.ms).toBeGreaterThan(190);
    expect(wire.statistics.snapshot().connections).toMatchObject({ data: { opened: 1, open: 1 } });
  });

  it.each([
    'reset',
    'refuse',
    'black-hole',
  ] as const)('a cut network meets new connections with %s', async (fresh) => {
    const { url, wire } = await startGround({ tls });
    wire.cut({ fresh });
    const asked = askSecurely(`${url}/json`, {
      signal: AbortSignal.timeout(fresh === 'black-hole' ? 100 : 3000),
    });
    expect((await asked).error).toBe(
      { reset: 'ECONNRESET', refuse: 'ECONNREFUSED', 'black-hole': 'ABORT_ERR' }[fresh],
    );
    const patient = fresh === 'black-hole' ? askSecurely(`${url}/json`) : null;
    await wire.restore();
    if (patient !== null) expect((await patient).status).toBe(200);
    expect((await askSecurely(`${url}/json`)).status).toBe(200);
  });
});

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import * as http from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { typescript } from '../programs/typescript.ts';
import { ask, eventually, keepingAgent, patternOf, pause, startGround } from './fixture.ts';

describe('a cut network', () => {
  it('kills connections and resets new ones until it is restored', async () => {
    const { url, wire } = await startGround({ settings: { downBytesPerSecond: 1e6 } });
    const agent = keepingAgent();
    await ask(`${url}/json`, { agent });
    let arrivedBytes = 0;
    const busy = ask(`${url}/file/5000000`, {
      agent,
      onBytes: (sizeBytes) => {
        arrivedBytes = sizeBytes;
      },
    });
    await eventually(() => arrivedBytes > 0);
    wire.cut();
    expect((await busy).error).toBe('ECONNRESET');
    expect((await ask(`${url}/json`)).error).toBe('ECONNRESET');
    expect((await ask(`${url}/json`, { agent })).error).toBe('ECONNRESET');
    expect(wire.describe().network).toEqual({ cut: {}, openConnections: 0 });
    expect(() => wire.cut()).toThrow('already');
    await wire.restore();
    expect((await ask(`${url}/json`, { agent })).status).toBe(200);
    expect(wire.describe().network.cut).toBeNull();
  });

  it('refuses new connections when told so, and listens on the same port afterwards', async () => {
    const { url, wire, port, server } = await startGround();
    wire.cut({ fresh: 'refuse' });
    expect((await ask(`${url}/json`)).error).toBe('ECONNREFUSED');
    await wire.restore();
    expect(server.address()).toMatchObject({ port });
    expect((await ask(`${url}/json`)).status).toBe(200);
    wire.cut({ fresh: 'refuse' });
    expect((await ask(`${url}/json`)).error).toBe('ECONNREFUSED');
    await wire.restore();
    expect((await ask(`${url}/json`)).status).toBe(200);
  });

  it('swallows new connections when told so; they are served once it is restored', async () => {
    const { url, wire, handled } = await startGround();
    wire.cut({ fresh: 'black-hole' });
    const patient = ask(`${url}/json`);
    const body = patternOf(500_000);
    const upload = ask(`${url}/upload`, { method: 'PUT', body });
    const impatient = await ask(`${url}/effect`, { signal: AbortSignal.timeout(100) });
    expect(impatient.status).toBeNull();
    expect(handled).toEqual([]);
    expect(wire.statistics.snapshot().all.count).toBe(0);
    await wire.restore();
    expect((await patient).status).toBe(200);
    expect((await upload).status).toBe(201);
  });

  it('freezes connections when told so; they go on once it is restored', async () => {
    const { url, wire, handled } = await startGround({ settings: { downBytesPerSecond: 1e6 } });
    const agent = keepingAgent();
    await ask(`${url}/json`, { agent });
    let arrivedBytes = 0;
    const download = ask(`${url}/file/400000`, {
      onBytes: (sizeBytes) => {
        arrivedBytes = sizeBytes;
      },
    });
    await eventually(() => arrivedBytes > 0);
    wire.cut({ existing: 'freeze' });
    const asked = ask(`${url}/effect`, { agent });
    await pause(100);
    const frozenBytes = arrivedBytes;
    await pause(100);
    expect(arrivedBytes).toBe(frozenBytes);
    expect(handled).not.toContain('/effect');
    await wire.restore();
    expect((await asked).status).toBe(200);
    expect((await download).body.equals(patternOf(400_000))).toBe(true);
  });

  it('can be cut for some roles', async () => {
    const { url, wire } = await startGround({ role: 'front' });
    wire.cut({ roles: ['storage'] });
    expect((await ask(`${url}/json`)).status).toBe(200);
    expect((await ask(`${url}/json?role=storage`)).error).toBe('ECONNRESET');
    await wire.restore();
    expect((await ask(`${url}/json?role=storage`)).status).toBe(200);
  });

  it('loses requests on their way, but not effects of those that arrived', async () => {
    const { url, wire, handled, committed } = await startGround({
      settings: { roles: { far: { delayMs: 150 } } },
    });
    const gate = wire.hold({ stage: 'before-commit' });
    const upload = ask(`${url}/upload`, { method: 'PUT', body: patternOf(100) });
    await gate.arrived();
    const late = ask(`${url}/effect?role=far`);
    await eventually(() => wire.statistics.snapshot().all.count === 2);
    wire.cut();
    expect((await upload).error).toBe('ECONNRESET');
    expect((await late).error).toBe('ECONNRESET');
    gate.release();
    await wire.restore();
    await eventually(() => committed.length === 1);
    await pause(200);
    expect(handled).toEqual(['/upload']);
  });
});

describe('close', () => {
  it('ends every wait', async () => {
    const { url, wire, handled, server } = await startGround({
      settings: { roles: { far: { delayMs: 60_000 }, thin: { downBytesPerSecond: 1 } } },
    });
    wire.faults.add({ path: 'silent', fault: { kind: 'silence' } });
    wire.faults.add({ path: 'stalled', fault: { kind: 'stall', afterBytes: 10 } });
    const gate = wire.hold({ stage: 'before-response', path: 'held' });
    const later = wire.hold({ stage: 'before', path: 'never' });
    const asked = [
      ask(`${url}/json?role=far`),
      ask(`${url}/json?path=silent`),
      ask(`${url}/file/1000?path=stalled`),
      ask(`${url}/json?path=held`),
      ask(`${url}/file/1000?role=thin`),
    ];
    await gate.arrived();
    await eventually(() => wire.statistics.snapshot().all.count === 5 && handled.length === 3);
    const waiting = later.arrived();
    waiting.catch(() => {});
    wire.close();
    await expect(waiting).rejects.toThrow();
    expect((await Promise.all(asked)).every(({ error }) => error !== null)).toBe(true);
    expect(wire.describe().inFlight).toEqual([]);
    await eventually(() => wire.describe().network.openConnections === 0);
    expect(handled.length).toBe(3);
    expect((await ask(`${url}/json`)).error).toBe('ECONNRESET');
    await new Promise((resolve) => server.close(resolve));
  });

  it('leaves nothing that keeps the process', async () => {
    const program = join(import.meta.dirname, 'closing-program.ts');
    const run = promisify(execFile)(process.execPath, typescript(program), { timeout: 10_000 });
    expect((await run).stdout).toBe('closed\n');
  });
});

describe('a connection', () => {
  it.each([
    ['rst', 'ECONNRESET'],
    ['fin', 'end'],
  ] as const)('that ends by %s ends so for its client', async (ending, seen) => {
    const { port, wire } = await startGround();
    wire.faults.add({ fault: { kind: 'reset', ending } });
    const socket = connect(port, '127.0.0.1');
    const end = new Promise<string>((resolve) => {
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
      socket.once('end', () => resolve('end'));
    });
    socket.resume();
    socket.write('GET /json HTTP/1.1\r\nhost: x\r\n\r\n');
    expect(await end).toBe(seen);
    socket.destroy();
  });

  it('carries pipelined requests, each counted', async () => {
    const { port, wire } = await startGround();
    const socket = connect(port, '127.0.0.1');
    onTestFinished(() => {
      socket.destroy();
    });
    await once(socket, 'connect');
    let received = '';
    socket.on('data', (bytes: Buffer) => {
      received += bytes.toString('latin1');
    });
    socket.write('GET /file/1 HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(3));
    await eventually(() => received.split('HTTP/1.1 200').length === 4);
    expect(wire.statistics.snapshot().all.count).toBe(3);
    expect(wire.statistics.snapshot().connections).toMatchObject({ data: { opened: 1 } });
  });

  it('must come through an attached server', async () => {
    const { wire } = await startGround();
    const stranger = http.createServer((req, res) => {
      expect(() => wire.begin(req, res, { route: 'x' })).toThrow('not attached');
      res.end();
    });
    stranger.listen(0, '127.0.0.1');
    await once(stranger, 'listening');
    const address = stranger.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    expect((await ask(`http://127.0.0.1:${address.port}/`)).status).toBe(200);
    await new Promise((resolve) => stranger.close(resolve));
  });
});

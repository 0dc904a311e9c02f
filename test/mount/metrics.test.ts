import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import { type MountedDisk, mountDisk, writable, yadiskfs } from './mounted-disk.ts';

let mounted: MountedDisk | undefined;
afterEach(async () => {
  await mounted?.close();
  mounted = undefined;
});

const secretNames = ['Zarplata', 'geheim.txt', 'new-name.bin'];

async function mountWithMetrics(...more: string[]): Promise<MountedDisk> {
  mounted = await mountDisk({
    standIn: { settings: { finalAfterMs: 0, operationMs: 20 } },
    fill: ({ model }) => model.putFile('disk:/Zarplata/geheim.txt', 'x'.repeat(300_000)),
    mountArguments: [writable, '--metrics', '0', '--write-back', '100ms', ...more],
  });
  return mounted;
}

function urlOf({ log }: MountedDisk): URL {
  const found = /"url":"(http:[^"]+)","msg":"metrics"/.exec(log())?.[1];
  if (found === undefined) throw new Error('The log names no address of metrics');
  return new URL(found);
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

function ask(url: URL, options: { method?: string; path?: string; host?: string } = {}): Promise<Answer> {
  const { method = 'GET', path = url.pathname, host = url.host } = options;
  const { hostname, port } = url;
  return new Promise((resolve, reject) => {
    request({ hostname, port, method, path, headers: { host } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    })
      .on('error', reject)
      .end();
  });
}

/** Values by series, as a Prometheus would store them. Throws for a line that is none. */
function parsed(text: string): Map<string, number> {
  const types = new Map<string, string>();
  const series = new Map<string, number>();
  for (const line of text.trimEnd().split('\n')) {
    const type = /^# TYPE (\w+) (counter|gauge|histogram)$/.exec(line);
    if (type) types.set(type[1] ?? '', type[2] ?? '');
    if (line.startsWith('#')) continue;
    const sample = /^(\w+)(\{(?:\w+="(?:[^"\\\n]|\\.)*",?)+\})? (-?[\d.e+-]+)$/.exec(line);
    if (!sample) throw new Error(`Not a sample: ${line}`);
    const [, name = '', labels = '', value] = sample;
    const family = name.replace(/_(bucket|sum|count)$/, '');
    if (!types.has(name) && types.get(family) !== 'histogram') throw new Error(`Of no type: ${line}`);
    if (series.has(`${name}${labels}`)) throw new Error(`Twice: ${line}`);
    series.set(`${name}${labels}`, Number(value));
  }
  return series;
}

describe('metrics', () => {
  it('count what a mount does, and name nothing that is on the Disk', async () => {
    const { path, disk, environment, mountpoint } = await mountWithMetrics();
    const url = urlOf(mounted as MountedDisk);
    expect(await readdir(path())).toEqual(['Zarplata']);
    expect((await readFile(path('Zarplata', 'geheim.txt'))).length).toBe(300_000);
    await writeFile(path('Zarplata', 'new-name.bin'), 'y'.repeat(50_000));
    expect((await yadiskfs(environment, 'flush', mountpoint, '--timeout', '25s')).code).toBe(0);
    await expect(stat(path('Zarplata', 'not there'))).rejects.toThrow('ENOENT');

    const { status, text } = await ask(url);
    expect(status).toBe(200);
    const series = parsed(text);
    const of = (name: string) => series.get(name) ?? 0;
    expect(of('yadiskfs_fuse_operations_total{operation="readdir",result="ok"}')).toBe(1);
    expect(of('yadiskfs_fuse_operations_total{operation="create",result="ok"}')).toBe(1);
    expect(of('yadiskfs_fuse_operations_total{operation="getattr",result="ENOENT"}')).toBeGreaterThan(0);
    expect(of('yadiskfs_fuse_operation_seconds_count{operation="readdir"}')).toBe(1);
    expect(of('yadiskfs_fuse_operation_seconds_bucket{operation="readdir",le="+Inf"}')).toBe(1);
    expect(of('yadiskfs_fuse_operations_under_way')).toBe(0);
    expect(of('yadiskfs_fuse_read_bytes_total')).toBe(300_000);
    expect(of('yadiskfs_fuse_written_bytes_total')).toBe(50_000);
    expect(of('yadiskfs_requests_total{host="data",method="PUT",route="upload",status="201"}')).toBe(1);
    // As many as the server saw, as soon as none is under way.
    const differing = async () => {
      const now = [...parsed((await ask(url)).text)];
      const { routes } = disk.wire.statistics.snapshot();
      // On the way to the bytes there is a redirect.
      const labelsByRoute = {
        'storage.get': 'method="GET",route="download",status="206"',
        'uploader.put': 'method="PUT",route="upload",',
        'resources.get': 'method="GET",route="/resources",',
      };
      return Object.entries(labelsByRoute)
        .map(([route, labels]) => {
          const counted = now.filter(
            ([key]) => key.startsWith('yadiskfs_requests_total') && key.includes(labels),
          );
          const ours = counted.reduce((sum, [, count]) => sum + count, 0);
          return { route, ours, seen: routes[route]?.count ?? 0 };
        })
        .filter(({ ours, seen }) => ours !== seen || seen === 0);
    };
    await expect.poll(differing).toEqual([]);
    expect(of('yadiskfs_network_bytes_total{host="data",direction="received"}')).toBeGreaterThan(300_000);
    expect(of('yadiskfs_network_bytes_total{host="data",direction="sent"}')).toBeGreaterThan(50_000);
    expect(of('yadiskfs_cache_blocks_total{from="network"}')).toBeGreaterThan(0);
    expect(of('yadiskfs_cache_limit_bytes')).toBe(10 * 1024 ** 3);
    expect(of('yadiskfs_reach{state="online"}')).toBe(1);
    expect(of('yadiskfs_queue_uploads')).toBe(0);
    expect(of('process_resident_memory_bytes')).toBeGreaterThan(1 << 20);
    for (const name of [...secretNames, mountpoint, disk.token]) expect(text).not.toContain(name);
  });

  it('tell what waits, while it is paused and when the network is gone', async () => {
    const { path, disk, environment, mountpoint } = await mountWithMetrics();
    const url = urlOf(mounted as MountedDisk);
    expect((await yadiskfs(environment, 'pause', mountpoint)).code).toBe(0);
    await writeFile(path('new-name.bin'), 'y'.repeat(50_000));
    const paused = parsed((await ask(url)).text);
    expect(paused.get('yadiskfs_paused')).toBe(1);
    expect(paused.get('yadiskfs_queue_uploads')).toBe(1);
    expect(paused.get('yadiskfs_queue_upload_bytes')).toBe(50_000);
    await disk.wire.cut();
    await expect
      .poll(async () => parsed((await ask(url)).text).get('yadiskfs_reach{state="offline"}'), {
        timeout: 25_000,
      })
      .toBe(1);
    const away = parsed((await ask(url)).text);
    const unanswered = [...away].filter(
      ([name]) => name.startsWith('yadiskfs_requests_total') && name.includes('status="none"'),
    );
    expect(unanswered.length).toBeGreaterThan(0);
    await disk.wire.restore();
    await rm(path('new-name.bin'));
  });

  it('are served to this machine alone, at one address, for reading', async () => {
    await mountWithMetrics('--read-only');
    const url = urlOf(mounted as MountedDisk);
    expect(url.hostname).toBe('127.0.0.1');
    expect((await ask(url, { path: '/' })).status).toBe(404);
    expect((await ask(url, { method: 'POST' })).status).toBe(405);
    expect(await ask(url, { method: 'HEAD' })).toEqual({ status: 200, text: '' });
    // A page whose host's name was made to point here.
    expect((await ask(url, { host: `evil.example:${url.port}` })).status).toBe(421);
    expect((await ask(url, { host: `localhost:${url.port}` })).status).toBe(200);
    const outside = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .find(({ family, internal }) => family === 'IPv4' && !internal);
    if (outside)
      await expect(ask(new URL(`http://${outside.address}:${url.port}/metrics`))).rejects.toThrow(
        'ECONNREFUSED',
      );
  });

  it('that cannot be served are a reason not to mount, and it is said', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as { port: number };
    try {
      await expect(mountDisk({ mountArguments: ['--metrics', String(port)] })).rejects.toThrow(
        `Metrics cannot be served on port ${port}`,
      );
    } finally {
      taken.close();
    }
  });
});

describe('the trace', () => {
  it('is a line for each operation and request, with no byte of a file and no token', async () => {
    mounted = await mountDisk({
      fill: ({ model }) => model.putFile('disk:/one.txt', 'what is in it'),
      mountArguments: [writable, '--log-level', 'trace'],
    });
    const { path, log, disk } = mounted;
    expect(await readFile(path('one.txt'), 'utf8')).toBe('what is in it');
    await writeFile(path('two.txt'), 'typed here');
    await expect(readFile(path('three.txt'))).rejects.toThrow('ENOENT');
    // The last line is on its way to us.
    await expect.poll(() => log()).toContain('"path":"/three.txt","args":[],"result":-2');
    const lines = log()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line): Record<string, unknown> => JSON.parse(line));
    const traced = (wanted: Record<string, unknown>) =>
      expect(lines).toContainEqual(expect.objectContaining({ ...wanted, tookMs: expect.any(Number) }));
    traced({ msg: 'operation', operation: 'read', path: '/one.txt', result: 13 });
    traced({ msg: 'operation', operation: 'write', path: '/two.txt', result: 10 });
    traced({ msg: 'operation', operation: 'getattr', path: '/three.txt', result: -2 });
    traced({ msg: 'request', host: 'api', method: 'GET', route: '/resources', status: 200 });
    traced({ msg: 'request', host: 'data', method: 'GET', route: 'download', status: 206 });
    for (const secret of ['what is in it', 'typed here', disk.token]) expect(log()).not.toContain(secret);
  });

  it('is not there unless it is asked for', async () => {
    mounted = await mountDisk({ mountArguments: ['--log-level', 'debug'] });
    await readdir(mounted.path());
    expect(mounted.log()).toContain('"mounted"');
    expect(mounted.log()).not.toContain('"msg":"operation"');
    expect(mounted.log()).not.toContain('"msg":"request"');
  });
});

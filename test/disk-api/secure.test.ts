import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeLater } from '../close-later.ts';
import { typescript } from '../programs/typescript.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'client-tls-'));
  const name = ['-subj', '/CN=stand-in', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const options = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')];
  execFileSync('openssl', ['req', '-x509', ...options, ...name, ...files], { stdio: 'pipe' });
});

afterAll(() => rmSync(folder, { recursive: true }));

/** A secure server that answers what reads and drops what moves; tells what came. */
async function secureServer() {
  const asked: string[] = [];
  const tls = { key: readFileSync(join(folder, 'key.pem')), cert: readFileSync(join(folder, 'cert.pem')) };
  const server = createServer(tls, (request, reply) => {
    asked.push(`${request.method} ${request.headers['authorization']}`);
    if (request.method === 'GET') reply.end('{"revision":1}');
    else request.socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closeLater(() => void server.close());
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/v1/disk`, asked };
}

async function move(
  url: string,
  options: { readonly trusted: boolean; readonly warm?: boolean },
): Promise<string> {
  const program = fileURLToPath(new URL('secure-move.ts', import.meta.url));
  const env = { ...process.env, ...(options.trusted && { NODE_EXTRA_CA_CERTS: join(folder, 'cert.pem') }) };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...typescript(program), url, ...(options.warm ? ['warm'] : [])],
    {
      env,
    },
  );
  return stdout.trim();
}

describe.concurrent('over TLS', () => {
  it('nothing is sent to a host whose certificate nobody vouches for, so nothing is in doubt', async () => {
    const { url, asked } = await secureServer();
    expect(await move(url, { trusted: false })).toBe('offline');
    expect(asked).toEqual([]);
  });

  it.each([
    false,
    true,
  ])('what left is in doubt (over a connection that had been used before: %s)', async (warm) => {
    const { url, asked } = await secureServer();
    expect(await move(url, { trusted: true, warm })).toBe('in-doubt');
    expect(asked.filter((line) => line.startsWith('POST'))).toEqual(['POST OAuth TOKEN']);
  });
});

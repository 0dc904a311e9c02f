import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { operationHrefs } from './cases.ts';
import { probeStandIn } from './probing.ts';

/** Over TLS, where an operation's address without it can be told from one with it. */

let tls: { readonly key: Buffer; readonly cert: Buffer };
const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];

beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), 'yadiskfs-test-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const name = ['-subj', '/CN=stand-in', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const options = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...options, ...name, '-keyout', key, '-out', cert], {
    stdio: 'pipe',
  });
  tls = { key: readFileSync(key), cert: readFileSync(cert) };
  rmSync(folder, { recursive: true });
  // The certificate is made for this test alone, and the probe has no option to trust one.
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
});

afterAll(() => {
  if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
  else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
});

test.each(operationHrefs)('operations finds operationHref = %j over TLS', async (operationHref) => {
  const { report } = await probeStandIn({ operationHref }, { only: ['operations'], standIn: { tls } });
  expect(report.questions[0]).toMatchObject({ state: 'answered' });
  expect(report.settings).toMatchObject({ operationHref });
  expect(report.cleaning).toMatchObject({ complete: true });
});

test('cut bodies are cut over TLS too', async () => {
  for (const cutBody of ['drop', 'keep'] as const) {
    const { report } = await probeStandIn({ cutBody }, { only: ['cut-body'], standIn: { tls } });
    expect(report.settings).toMatchObject({ cutBody });
  }
});

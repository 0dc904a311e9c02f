import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { requirePrograms, run } from './programs.ts';

/** Files of a throw-away authority and of a certificate that it has signed. */
export interface Certificates {
  /** The authority's certificate: what a client has to trust. Its key no longer exists. */
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];

/** Makes an authority and a certificate for host names, valid for two days, in a folder. */
export async function makeCertificates(folder: string, hosts: readonly string[]): Promise<Certificates> {
  requirePrograms('openssl');
  const file = (name: string) => join(folder, name);
  const [caFile, caKeyFile] = [file('ca.pem'), file('ca-key.pem')];
  const [certFile, keyFile] = [file('cert.pem'), file('key.pem')];
  const extensions = (...all: readonly string[]) => all.flatMap((extension) => ['-addext', extension]);
  await openssl(
    ...['req', '-x509', ...newKey, '-subj', '/CN=throw-away authority', '-out', caFile, '-keyout', caKeyFile],
    ...extensions('keyUsage=critical,keyCertSign'),
  );
  const names = hosts.map((host) => `DNS:${host}`).join();
  await openssl(
    ...['req', '-x509', ...newKey, '-subj', '/CN=stand-in', '-out', certFile, '-keyout', keyFile],
    ...['-CA', caFile, '-CAkey', caKeyFile],
    ...extensions(`subjectAltName=${names}`, 'basicConstraints=critical,CA:FALSE'),
  );
  await rm(caKeyFile);
  return { caFile, certFile, keyFile };
}

async function openssl(...args: readonly string[]): Promise<void> {
  const { code, stderr } = await run(['openssl', ...args]);
  if (code !== 0) throw new Error(`openssl ${args[0]} failed:\n${stderr}`);
}

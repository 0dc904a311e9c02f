import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { z } from 'zod';
import { yandexNames } from '../stand-in/http/hosts.ts';
import type { StandInOptions } from '../stand-in/index.ts';
import { type Certificates, makeCertificates } from './certificates.ts';
import { ControlClient } from './control-client.ts';
import { Namespace } from './namespace.ts';

const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const program = fileURLToPath(new URL('disk-program.ts', import.meta.url));
const startMs = 20_000;

const startedSchema = z.object({ apiUrl: z.string(), oauthUrl: z.string(), token: z.string() });

/** What goes into the JSON of a command line. */
export type EnclosedOptions = Pick<StandInOptions, 'settings' | 'wire' | 'seed' | 'token'>;

/**
 * A stand-in that answers as the real hosts do, by their names, on port 443 and over TLS, for programs that have them
 * built in. It is found only inside of its namespace.
 *
 * ```ts
 * const disk = await EnclosedDisk.open({ settings: calmSettings });
 * await disk.namespace.run(['curl', '--cacert', disk.certificates.caFile, 'https://cloud-api.yandex.net/v1/disk']);
 * await disk.control.tree();
 * await disk.close();
 * ```
 */
export class EnclosedDisk {
  /** A folder of its own, removed by `close`. */
  readonly folder: string;
  readonly namespace: Namespace;
  readonly certificates: Certificates;
  readonly control: ControlClient;
  /** A valid token. */
  readonly token: string;
  readonly #standIn: ChildProcess;

  private constructor(
    folder: string,
    namespace: Namespace,
    certificates: Certificates,
    control: ControlClient,
    token: string,
    standIn: ChildProcess,
  ) {
    this.folder = folder;
    this.namespace = namespace;
    this.certificates = certificates;
    this.control = control;
    this.token = token;
    this.#standIn = standIn;
  }

  /** @throws Error with the remedy where programs or rights are missing. */
  static async open(options: EnclosedOptions = {}): Promise<EnclosedDisk> {
    const folder = await mkdtemp(join(tmpdir(), 'yadiskfs-test-'));
    let namespace: Namespace | undefined;
    try {
      const hosts = Object.values(yandexNames).flat();
      const certificates = await makeCertificates(folder, hosts);
      namespace = await Namespace.open(folder, hosts);
      const socket = join(folder, 'control');
      const { certFile, keyFile } = certificates;
      const standIn = namespace.spawn(
        [process.execPath, '--import', tsx, program, socket, certFile, keyFile, JSON.stringify(options)],
        { stdio: ['pipe', 'pipe', 'pipe'] },
      );
      const { token } = startedSchema.parse(JSON.parse(await firstLine(standIn)));
      return new EnclosedDisk(folder, namespace, certificates, new ControlClient(socket), token, standIn);
    } catch (error) {
      await namespace?.close();
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  async close(): Promise<void> {
    const ended = once(this.#standIn, 'close');
    this.#standIn.stdin?.end();
    await ended;
    await this.namespace.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** The first line that a program prints. @throws Error with what it said when it ends or stays silent. */
async function firstLine(child: ChildProcess): Promise<string> {
  let words = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words += text;
  });
  child.stdout?.setEncoding('utf8');
  if (!child.stdout) throw new Error('its output goes elsewhere');
  const timeout = AbortSignal.timeout(startMs);
  const said = once(child.stdout, 'data', { signal: timeout }).then(([text]) => String(text));
  const ended = once(child, 'close', { signal: timeout }).then(() => null);
  const first = await Promise.race([said, ended]).catch(() => null);
  if (first === null) {
    child.stdin?.end();
    throw new Error(`the stand-in did not start:\n${words}`);
  }
  return first;
}

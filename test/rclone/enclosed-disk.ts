import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { typescript } from '../programs/typescript.ts';
import { yandexNames } from '../stand-in/http/hosts.ts';
import type { StandInOptions } from '../stand-in/index.ts';
import { type Certificates, makeCertificates } from './certificates.ts';
import { ControlClient } from './control-client.ts';
import { Namespace } from './namespace.ts';

const program = fileURLToPath(new URL('disk-program.ts', import.meta.url));
const startMs = 20_000;

const startedSchema = z.object({ token: z.string() });

/** What goes into the JSON of a command line. */
export type EnclosedOptions = Pick<StandInOptions, 'settings' | 'wire' | 'seed' | 'token' | 'address'>;

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
  readonly #standIn: StandInProcess;

  private constructor(
    folder: string,
    namespace: Namespace,
    certificates: Certificates,
    control: ControlClient,
    token: string,
    standIn: StandInProcess,
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
      const child = namespace.spawn(
        [process.execPath, ...typescript(program), socket, certFile, keyFile, JSON.stringify(options)],
        { stdio: ['pipe', 'pipe', 'pipe'] },
      );
      const standIn = new StandInProcess(child);
      const token = await standIn.started();
      return new EnclosedDisk(folder, namespace, certificates, new ControlClient(socket), token, standIn);
    } catch (error) {
      await namespace?.close();
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Ends all of it. @throws Error with what the stand-in complained of. */
  async close(): Promise<void> {
    const words = await this.#standIn.end();
    await this.namespace.close();
    await rm(this.folder, { recursive: true, force: true });
    if (words !== '') throw new Error(`the stand-in complained:\n${words}`);
  }
}

/** `disk-program.ts`, running. */
class StandInProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #words = '';

  constructor(child: ChildProcess) {
    this.#child = child;
    this.#ended = once(child, 'close').catch(() => {});
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#words += text;
    });
  }

  /** @returns its token. @throws Error with what it said when it ends or stays silent. */
  async started(): Promise<string> {
    const { stdout } = this.#child;
    if (!stdout) throw new Error('its output goes elsewhere');
    const said = once(stdout, 'data', { signal: AbortSignal.timeout(startMs) });
    const first = await Promise.race([said, this.#ended.then(() => null)]).catch(() => null);
    if (first === null) throw new Error(`the stand-in did not start:\n${await this.end()}`);
    return startedSchema.parse(JSON.parse(String(first[0]))).token;
  }

  /** @returns all that it complained of. */
  async end(): Promise<string> {
    this.#child.stdin?.end();
    await this.#ended;
    return this.#words;
  }
}

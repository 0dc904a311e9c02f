import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { EnclosedDisk } from './enclosed-disk.ts';
import type { RunOptions } from './namespace.ts';
import { type Outcome, requirePrograms } from './programs.ts';

export interface RcloneOptions {
  /** Its token is too old when it starts. */
  readonly tokenExpired?: boolean;
}

const clientSchema = z.object({ clientId: z.string(), clientSecret: z.string() });
const tokenSchema = z.object({
  accessToken: z.string(),
  refreshTokens: z.tuple([z.string()]),
  expiresMs: z.number(),
});

/** The real rclone with its `yandex` backend, as remote `disk:`, on an enclosed Disk. */
export class Rclone {
  readonly environment: NodeJS.ProcessEnv;
  /** Where it keeps its token: it writes a new one there. */
  readonly configFile: string;
  readonly #disk: EnclosedDisk;

  private constructor(disk: EnclosedDisk, configFile: string) {
    this.#disk = disk;
    this.configFile = configFile;
    this.environment = {
      PATH: process.env['PATH'],
      TMPDIR: process.env['TMPDIR'],
      HOME: disk.folder,
      RCLONE_CONFIG: configFile,
      SSL_CERT_FILE: disk.certificates.caFile,
    };
  }

  /** @throws Error with the remedy where rclone is not installed. */
  static async on(disk: EnclosedDisk, options: RcloneOptions = {}): Promise<Rclone> {
    requirePrograms('rclone');
    const configFile = join(disk.folder, 'rclone.conf');
    const issued = tokenSchema.parse(await disk.control.post('tokens', {}));
    const token = {
      access_token: issued.accessToken,
      token_type: 'OAuth',
      refresh_token: issued.refreshTokens[0],
      expiry: new Date(options.tokenExpired ? 0 : issued.expiresMs).toISOString(),
    };
    const { clientId, clientSecret } = clientSchema.parse(await disk.control.get('settings'));
    const lines = [
      ...['[disk]', 'type = yandex', `client_id = ${clientId}`, `client_secret = ${clientSecret}`],
      `token = ${JSON.stringify(token)}`,
    ];
    await writeFile(configFile, `${lines.join('\n')}\n`);
    return new Rclone(disk, configFile);
  }

  /** Runs it, whatever its end is. */
  attempt(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    return this.#disk.namespace.run(['rclone', ...args], {
      env: this.environment,
      timeoutMs: 120_000,
      ...options,
    });
  }

  /** Runs it. @returns what it printed. @throws Error with what it said when it fails. */
  async run(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.attempt(args);
    if (code !== 0) throw new Error(`rclone ${args.join(' ')} ended with ${code}:\n${stderr}`);
    return stdout;
  }
}

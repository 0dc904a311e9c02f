import { request as startRequest } from 'node:http';
import type { TreeEntry, TreeState } from '../stand-in/control/tree.ts';
import type { SettingsInput } from '../stand-in/settings.ts';

/** The control interface of a stand-in in another process, through its Unix socket. */
export class ControlClient {
  readonly #socketPath: string;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** Everything as it really is, with true hashes. */
  async tree(): Promise<TreeState> {
    return (await this.get('tree')) as TreeState;
  }

  /** What is at and beneath a path, the path itself left out, by the path below it. */
  async beneath(path: string): Promise<Map<string, TreeEntry>> {
    const { entries } = await this.tree();
    const start = `${path.replace(/\/$/, '')}/`;
    const inside = entries.filter((entry) => entry.path.startsWith(start));
    return new Map(inside.map((entry) => [entry.path.slice(start.length), entry]));
  }

  async set(settings: SettingsInput): Promise<void> {
    await this.#ask('PATCH', 'settings', settings);
  }

  /** Any of its GET calls: `tree`, `requests`, `statistics` … */
  async get(call: string): Promise<unknown> {
    return JSON.parse((await this.#ask('GET', call, null)).toString('utf8'));
  }

  /** Any of its POST calls. */
  async post(call: string, body: unknown = null): Promise<unknown> {
    return JSON.parse((await this.#ask('POST', call, body)).toString('utf8'));
  }

  /** The bytes of a file as they really are. */
  read(path: string): Promise<Buffer> {
    return this.#ask('GET', `read?path=${encodeURIComponent(path)}`, null);
  }

  #ask(method: string, call: string, body: unknown): Promise<Buffer> {
    const options = { socketPath: this.#socketPath, method, path: `/control/${call}`, agent: false };
    return new Promise((resolve, reject) => {
      const request = startRequest(options, async (response) => {
        const parts: Buffer[] = [];
        for await (const part of response) parts.push(part as Buffer);
        const bytes = Buffer.concat(parts);
        if (response.statusCode === 200) resolve(bytes);
        else reject(new Error(`control ${method} ${call}: ${response.statusCode} ${bytes.toString('utf8')}`));
      });
      request.once('error', reject);
      request.end(body === null ? undefined : JSON.stringify(body));
    });
  }
}

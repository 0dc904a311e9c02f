import { createHash } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { makePrivate } from './folders.ts';

/** So many tokens are remembered; the oldest is forgotten first. */
const mostTokens = 64;

const identities = z.object({
  version: z.literal(1),
  /** Hash of a token, and the uid of the person whose it is; the newest last. */
  tokens: z.array(z.object({ hash: z.string(), uid: z.string() })),
});

/**
 * Whose token it is, remembered so that a mount works off line. A token cannot be found from its hash: it is far too long to be
 * guessed.
 */
export class Identities {
  readonly #folder: string;

  constructor(stateFolder: string) {
    this.#folder = stateFolder;
  }

  async uidOf(token: string): Promise<string | undefined> {
    const hash = hashOf(token);
    return (await this.#read()).find((known) => known.hash === hash)?.uid;
  }

  async remember(token: string, uid: string): Promise<void> {
    const hash = hashOf(token);
    const known = await this.#read();
    if (known.some((one) => one.hash === hash && one.uid === uid)) return;
    const tokens = [...known.filter((one) => one.hash !== hash), { hash, uid }].slice(-mostTokens);
    await makePrivate(this.#folder);
    const temporary = `${this.#file}.${process.pid}`;
    try {
      await writeFile(temporary, JSON.stringify({ version: 1, tokens }), { mode: 0o600 });
      await rename(temporary, this.#file);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {});
      throw error;
    }
  }

  get #file(): string {
    return join(this.#folder, 'identities.json');
  }

  /** What cannot be read counts as nothing: the Disk will be asked. */
  async #read(): Promise<{ readonly hash: string; readonly uid: string }[]> {
    try {
      return identities.parse(JSON.parse(await readFile(this.#file, 'utf8'))).tokens;
    } catch {
      return [];
    }
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(`yadiskfs ${token}`).digest('hex').slice(0, 32);
}

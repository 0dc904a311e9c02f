import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../errors.ts';
import { checkedAccountName } from './account-name.ts';
import { withFileLock } from './file-lock.ts';
import {
  codeOf,
  makePrivateFolder,
  readPrivate,
  removePrivate,
  stampOfFile,
  writePrivate,
} from './private-file.ts';
import { formatLogin, parseLogin, refuseNewerLogin, type StoredLogin } from './stored-login.ts';

/** A login while nobody else can change it. */
export interface HeldAccount {
  read(): Promise<StoredLogin | undefined>;
  /** @throws Failure 'local' when it cannot be written, or when a later version wrote what is there. */
  write(login: StoredLogin): Promise<void>;
  /** Whether there was one. */
  remove(): Promise<boolean>;
}

/** One stored login, or why it cannot be read. */
export type AccountEntry =
  | { readonly name: string; readonly path: string; readonly login: StoredLogin }
  | { readonly name: string; readonly path: string; readonly problem: Failure };

const ending = '.json';

/**
 * The stored logins: one file for each account in a folder of their own, read by anybody at any time, changed under a lock.
 * Several processes share it (mounts, `setup`, `logout`); whoever renews a token reads it again under the lock first.
 */
export class AccountStore {
  readonly #folder: string;
  readonly #onMended: (path: string) => void;

  /** `onMended` hears of files that others could read until now. */
  constructor(configFolder: string, onMended: (path: string) => void = () => {}) {
    this.#folder = join(configFolder, 'accounts');
    this.#onMended = onMended;
  }

  /** @throws Failure 'invalid' for a name that is none. */
  path(name: string): string {
    return join(this.#folder, `${checkedAccountName(name)}${ending}`);
  }

  /** @throws Failure 'local' when it is there and cannot be read, 'invalid' for a name that is none. */
  async read(name: string): Promise<StoredLogin | undefined> {
    return (await this.readStamped(name))?.login;
  }

  /** The same with what `stamp` tells of it. */
  async readStamped(
    name: string,
  ): Promise<{ readonly login: StoredLogin; readonly stamp: string } | undefined> {
    const path = this.path(name);
    const found = await readPrivate(path, this.#onMended);
    return found && { login: parseLogin(found.text, path), stamp: found.stamp };
  }

  /** Tells cheaply whether the login was replaced; undefined when there is none. */
  stamp(name: string): Promise<string | undefined> {
    return stampOfFile(this.path(name));
  }

  async list(): Promise<AccountEntry[]> {
    const names = (await this.#fileNames())
      .filter((name) => name.endsWith(ending) && !name.startsWith('.'))
      .map((name) => name.slice(0, -ending.length))
      .sort();
    const entries: AccountEntry[] = [];
    for (const name of names) {
      const path = join(this.#folder, `${name}${ending}`);
      try {
        const login = await this.read(name);
        if (login) entries.push({ name, path, login });
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        entries.push({ name, path, problem: error });
      }
    }
    return entries;
  }

  /** Runs `task` while no other process changes this login. @throws Failure 'busy' when another one does not let go. */
  async hold<T>(name: string, task: (held: HeldAccount) => Promise<T>): Promise<T> {
    const path = this.path(name);
    await makePrivateFolder(this.#folder, this.#onMended);
    const held: HeldAccount = {
      read: () => this.read(name),
      write: async (login) => {
        await this.refuseNewer(name);
        await writePrivate(path, formatLogin(login));
      },
      remove: async () => {
        await this.refuseNewer(name);
        return removePrivate(path);
      },
    };
    return withFileLock(join(this.#folder, `.${checkedAccountName(name)}.lock`), () => task(held));
  }

  /** What is there may be replaced, even if it is damaged. @throws Failure 'local' when a later version wrote it */
  async refuseNewer(name: string): Promise<void> {
    const path = this.path(name);
    const found = await readPrivate(path, this.#onMended);
    if (found) refuseNewerLogin(found.text, path);
  }

  async #fileNames(): Promise<string[]> {
    try {
      return await readdir(this.#folder);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return [];
      throw new Failure('local', `Cannot read ${this.#folder} (${codeOf(error)})`, {
        path: this.#folder,
        cause: error,
      });
    }
  }
}

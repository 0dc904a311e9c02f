import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { defaultAccount } from '../auth/account-name.ts';
import { ownFolders } from '../daemon/folders.ts';
import { Failure } from '../errors.ts';
import { nearest } from './near-miss.ts';

/** The newest form of the file that this program knows. */
const knownVersion = 1;
const longestBytes = 1 << 20;

const valueSchema = z.union([z.string(), z.number(), z.boolean()]);
const fileSchema = z.record(z.string(), z.union([valueSchema, z.record(z.string(), valueSchema)]));

/**
 * Defaults for `mount` from `config.json` in the config folder, as options: those for every account, then those for the one that is meant.
 *
 * ```json
 * { "version": 1, "cache-size": "20G", "work": { "read-only": true } }
 * ```
 * @param given what was typed; `--account` in it says which account is meant
 * @param names of all options that there are
 * @throws Failure 'invalid' for what is no such file, or names what is no option; 'too-new' for one of a later program
 */
export async function mountDefaults(
  given: readonly string[],
  names: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<string[]> {
  const path = join(ownFolders(environment).config, 'config.json');
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw invalid(path, `The defaults cannot be read (${error.code ?? error.message})`);
  });
  if (text === undefined) return [];
  const { version = knownVersion, ...file } = parsed(path, text);
  if (typeof version !== 'number' || version > knownVersion)
    throw new Failure('too-new', `The defaults are of a newer version: ${path}`, {
      path,
      hint: 'Use the version of yadiskfs that has written them.',
    });
  const general: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(file)) if (typeof value !== 'object') general[name] = value;
  const account = typedAccount(given) ?? String(general['account'] ?? defaultAccount);
  const own = Object.hasOwn(file, account) ? file[account] : undefined;
  const chosen = { ...general, ...(typeof own === 'object' ? own : {}) };
  return Object.entries(chosen).map(([name, value]) => {
    if (!names.includes(name)) throw noOption(path, name, names);
    return `--${name}=${value}`;
  });
}

function parsed(path: string, text: string): z.infer<typeof fileSchema> {
  try {
    if (text.length > longestBytes) throw new Error('too long');
    return fileSchema.parse(JSON.parse(text));
  } catch {
    throw invalid(path, `The defaults are not JSON with options by name: ${path}`);
  }
}

function noOption(path: string, name: string, names: readonly string[]): Failure {
  const near = nearest(name, names);
  return new Failure('invalid', `No such mount option in ${path}: ${name}`, {
    path,
    hint: near === undefined ? 'yadiskfs mount --help shows its options.' : `Did you mean --${near}?`,
  });
}

function invalid(path: string, message: string): Failure {
  return new Failure('invalid', message, {
    path,
    hint: 'Mend it, or take it away. docs/configuration.md shows one.',
  });
}

function typedAccount(given: readonly string[]): string | undefined {
  let account: string | undefined;
  for (const [index, word] of given.entries()) {
    if (word === '--') break;
    if (word === '--account') account = given[index + 1];
    else if (word.startsWith('--account=')) account = word.slice('--account='.length);
  }
  return account;
}

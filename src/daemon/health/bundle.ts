import { open, readFile } from 'node:fs/promises';
import { release } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../errors.ts';
import { programVersion } from '../version.ts';
import type { Finding } from './finding.ts';

const bundleVersion = 1;
const logLines = 300;
/** Long words of the letters that tokens, keys and signed links are made of. */
const secretLike = /[\w+/=-]{24,}/g;
/** Values of these are addresses and folders; of all other settings only the name is told. */
const tellable = /^YADISKFS_(API_URL|OAUTH_URL|\w+_DIR)$/;

/**
 * Writes what somebody who is to help needs: findings, versions, settings, the end of the log. Nothing in it that looks like a secret; names of
 * files may be.
 * @throws Failure 'exists', 'local'
 */
export async function writeBundle(
  file: string,
  findings: readonly Finding[],
  environment: NodeJS.ProcessEnv,
  stateFolder: string,
): Promise<void> {
  const settings = Object.entries(environment).filter(([name]) => name.startsWith('YADISKFS_'));
  const secrets = settings.flatMap(([name, value]) => (tellable.test(name) || !value ? [] : [value]));
  // A mount may have put the log aside a moment ago.
  const logs = await Promise.all(
    ['yadiskfs.log.1', 'yadiskfs.log'].map((name) =>
      readFile(join(stateFolder, name), 'utf8').catch(() => ''),
    ),
  );
  const bundle = {
    version: bundleVersion,
    made: new Date().toISOString(),
    program: programVersion(),
    node: process.version,
    system: `${process.platform} ${release()} ${process.arch}`,
    settings: Object.fromEntries(
      settings.map(([name, value]) => [name, tellable.test(name) ? value : 'set']),
    ),
    findings,
    log: logs.join('').trimEnd().split('\n').slice(-logLines),
  };
  const text = JSON.stringify(bundle, (_, value: unknown) => withoutSecrets(value, secrets), 2);
  try {
    const target = await open(file, 'wx', 0o600);
    await target.writeFile(`${text}\n`).finally(() => target.close());
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    if (code === 'EEXIST')
      throw new Failure('exists', `Something is there already: ${file}`, {
        path: file,
        hint: 'Name another file.',
      });
    throw new Failure('local', `The report cannot be written (${code}): ${file}`, {
      path: file,
      hint: 'Name a new file in a folder that is there and that you may write to.',
      cause,
    });
  }
}

function withoutSecrets(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value !== 'string') return value;
  let text = value;
  for (const secret of secrets) text = text.replaceAll(secret, '…');
  // Paths are made of words of such letters, too: a slash ends one.
  return text.replaceAll(secretLike, (word) =>
    word.split('/').some((part) => part.length >= 24) ? `${word.slice(0, 4)}…` : word,
  );
}

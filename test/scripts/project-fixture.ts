import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { typescript } from '../programs/typescript.ts';

const project = join(import.meta.dirname, '../..');

/** Writes a small project into a temporary folder that goes when the test ends.
 * @param files texts by path; a package.json with one dependency and one command is added
 */
export async function makeProject(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'yadiskfs-test-project-'));
  onTestFinished(() => rm(root, { recursive: true }));
  const manifest = { type: 'module', bin: { tool: 'dist/cli/main.js' }, dependencies: { got: '1.0.0' } };
  for (const [path, text] of Object.entries({ 'package.json': JSON.stringify(manifest), ...files })) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return root;
}

/** What a script said and how it ended. */
export interface ScriptRun {
  readonly exitCode: number;
  readonly stdout: string;
  /** Split at line ends. */
  readonly errors: readonly string[];
}

/** Runs one of the TypeScript scripts as a person would. */
export function runScript(name: string, ...args: string[]): Promise<ScriptRun> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [...typescript(join(project, 'scripts', name)), ...args],
      (error, stdout, stderr) => {
        const exitCode = error === null ? 0 : Number(error.code ?? 1);
        resolve({ exitCode, stdout, errors: stderr.split('\n').filter((line) => line !== '') });
      },
    );
  });
}

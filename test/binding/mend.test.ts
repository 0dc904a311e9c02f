import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';

const require = createRequire(import.meta.url);
const INSTALLED = dirname(require.resolve('fuse-native/package.json'));
const SCRIPT = fileURLToPath(new URL('../../scripts/mend-fuse-native/main.js', import.meta.url));

/** The script is plain JavaScript, for installations without our compiler of TypeScript. */
interface Edit {
  readonly name: string;
  readonly find: string;
}
const script = (name: string) => new URL(`../../scripts/mend-fuse-native/${name}`, import.meta.url).href;
const { EDITS }: { EDITS: readonly Edit[] } = await import(script('edits.js'));
const { applyEdits }: { applyEdits(source: string, edits: readonly Edit[]): string } = await import(
  script('apply.js')
);
const source = readFileSync(join(INSTALLED, 'fuse-native.c'), 'utf8');

/** A fuse-native as the registry has it, with its neighbours. */
function freshModule(scratch: string): string {
  const modules = join(mkdtempSync(join(scratch, 'copy-')), 'node_modules');
  const folder = join(modules, 'fuse-native');
  mkdirSync(modules);
  cpSync(INSTALLED, folder, { recursive: true, filter: (file) => file !== join(INSTALLED, 'build') });
  for (const name of readdirSync(dirname(INSTALLED))) {
    if (/^(fuse-shared-library|napi-macros)/.test(name)) {
      symlinkSync(join(dirname(INSTALLED), name), join(modules, name));
    }
  }
  return folder;
}

function mend(folder: string, { args = [] as string[], env = {} as NodeJS.ProcessEnv } = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, '--module', folder, ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return { status, stdout, stderr };
}

/** What the addon in the folder says of itself, loaded without a libfuse of the system in reach. */
function load(folder: string): string {
  const program = 'const a = require("node-gyp-build")(process.argv[1]); console.log(a.mended_version)';
  const { stdout } = spawnSync(process.execPath, ['-e', program, folder], {
    encoding: 'utf8',
    cwd: dirname(INSTALLED),
  });
  return stdout.trim();
}

describe('mending fuse-native', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'mend-test-'));
  let folder: string;
  let mended: string | undefined;
  /** A compiler takes seconds: whoever begins with a mended module shares one. */
  const mendedFolder = () => {
    if (mended === undefined || mend(mended).stdout !== '') {
      mended = folder;
      mend(mended);
    }
    return mended;
  };
  const release = (name: string) => join(folder, 'build', 'Release', name);

  beforeEach(() => {
    folder = freshModule(scratch);
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  test('builds an addon that loads, with its own libfuse beside it, and leaves the published files', () => {
    expect(mend(folder)).toEqual({ status: 0, stdout: 'fuse-native is mended\n', stderr: '' });
    mended = folder;
    expect(load(folder)).toBe('1');
    expect(readdirSync(join(folder, 'build', 'Release')).toSorted()).toEqual([
      'fuse.node',
      'libfuse.so.2',
      'mended.stamp',
    ]);
    const linked = spawnSync('ldd', [release('fuse.node')], { encoding: 'utf8' }).stdout;
    expect(linked).toContain(`libfuse.so.2 => ${release('libfuse.so.2')}`);
    expect(readFileSync(join(folder, 'fuse-native.c'), 'utf8')).toBe(source);
    expect(readdirSync(folder).filter((name) => name.startsWith('mending-'))).toEqual([]);
  });

  test('a second run does nothing', () => {
    folder = mendedFolder();
    const { mtimeMs } = statSync(release('fuse.node'));
    expect(mend(folder)).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(statSync(release('fuse.node')).mtimeMs).toBe(mtimeMs);
  });

  test('another version of the mending is replaced from the published source', () => {
    folder = mendedFolder();
    writeFileSync(release('mended.stamp'), 'of another version');
    writeFileSync(release('fuse.node'), 'not an addon');
    expect(mend(folder).stdout).toBe('fuse-native is mended\n');
    expect(load(folder)).toBe('1');
  });

  test('what an interrupted run left is repaired', async () => {
    const child = spawn(process.execPath, [SCRIPT, '--module', folder]);
    while (!readdirSync(folder).some((name) => name.startsWith('mending-'))) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    child.kill('SIGKILL');
    await once(child, 'exit');
    const left = readdirSync(folder).find((name) => name.startsWith('mending-')) ?? '';
    expect(existsSync(release('mended.stamp'))).toBe(false);
    utimesSync(join(folder, left), new Date(0), new Date(0));
    expect(mend(folder).stdout).toBe('fuse-native is mended\n');
    expect(load(folder)).toBe('1');
    expect(existsSync(join(folder, left))).toBe(false);
  });

  test('two runs at a time do no harm', async () => {
    const children = [1, 2].map(() => spawn(process.execPath, [SCRIPT, '--module', folder, '--strict']));
    expect(await Promise.all(children.map((child) => once(child, 'exit')))).toEqual([
      [0, null],
      [0, null],
    ]);
    expect(load(folder)).toBe('1');
    expect(mend(folder)).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  test('without a compiler it says so in one line and is content, unless strict', () => {
    const env = { PATH: scratch, CC: '' };
    const result = mend(folder, { env });
    expect(result.status).toBe(0);
    expect(result.stderr).toMatch(/^fuse-native stays as it is: there is no C compiler.*\n$/);
    expect(existsSync(join(folder, 'build'))).toBe(false);
    expect(mend(folder, { env, args: ['--strict'] }).status).toBe(1);
  });

  test('with a compiler that fails it says why and is content', () => {
    const compiler = join(scratch, 'failing-compiler');
    const text = '#!/bin/sh\n[ "$1" = --version ] && exit 0\necho "stdio.h: no such file" >&2\nexit 1\n';
    writeFileSync(compiler, text, { mode: 0o755 });
    const result = mend(folder, { env: { CC: compiler } });
    expect(result.status).toBe(0);
    expect(result.stderr).toContain('stdio.h: no such file');
    expect(existsSync(join(folder, 'build'))).toBe(false);
    expect(readdirSync(folder).filter((name) => name.startsWith('mending-'))).toEqual([]);
  });

  test('another version of fuse-native is refused and left as it is', () => {
    const file = join(folder, 'package.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"2.2.6"', '"2.3.0"'));
    const result = mend(folder);
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(/made for fuse-native 2\.2\.6, and here is 2\.3\.0/);
    expect(existsSync(join(folder, 'build'))).toBe(false);
  });

  test('a source that somebody changed is refused', () => {
    writeFileSync(join(folder, 'fuse-native.c'), `${source}\n`);
    const result = mend(folder);
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(/fuse-native\.c is not the one of 2\.2\.6/);
  });

  test('an edit whose place is missing, or doubled, is named', () => {
    for (const edit of EDITS) {
      const without = source.replace(edit.find, '');
      if (source.includes(edit.find)) expect(() => applyEdits(without, EDITS)).toThrow(`"${edit.name}"`);
    }
    const [first] = EDITS;
    expect(() => applyEdits(source + first?.find, EDITS)).toThrow(/found 2 places in place of 1/);
  });
});

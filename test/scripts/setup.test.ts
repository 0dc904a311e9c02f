import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeProject } from './project-fixture.ts';

const scripts = join(import.meta.dirname, '../../scripts');

/** Programs that any Debian has. */
const everyday = [
  'awk',
  'bash',
  'cat',
  'cut',
  'dirname',
  'env',
  'find',
  'flock',
  'mktemp',
  'readlink',
  'rm',
].concat(['sha256sum', 'sort', 'tr', 'xargs', 'chmod']);

/** A project of its own, and a machine whose PATH holds the everyday programs and what is given here. */
async function makeMachine(programs: Readonly<Record<string, string>>, project: Record<string, string> = {}) {
  const root = await makeProject({
    'package-lock.json': '{}',
    'src/a.ts': '',
    'rolldown.config.js': '',
    ...project,
  });
  await cp(join(scripts, 'setup'), join(root, 'scripts/setup'));
  await cp(join(scripts, 'shell'), join(root, 'scripts/shell'), { recursive: true });
  const bin = join(root, 'bin');
  await mkdir(bin);
  for (const name of everyday) await symlink(`/usr/bin/${name}`, join(bin, name));
  for (const [name, text] of Object.entries(programs)) {
    await writeFile(join(bin, name), `#!/bin/bash\n${text}\n`, { mode: 0o755 });
  }
  return {
    root,
    /** Runs its scripts/setup; `uid` other than root's for a person who may not install. */
    setUp: (uid = 0, ...args: string[]) =>
      new Promise<{ code: number; lines: string[] }>((resolve) => {
        execFile(
          '/bin/bash',
          [join(root, 'scripts/setup'), ...args],
          { env: { PATH: bin, TMPDIR: root, LANG: 'C.UTF-8' }, uid, gid: uid },
          (error, stdout, stderr) => {
            const lines = `${stdout}${stderr}`.split('\n').filter((line) => line !== '');
            resolve({ code: error === null ? 0 : Number(error.code), lines });
          },
        );
      }),
  };
}

/** A Node that tells its version, the packages whose scripts are allowed, and what the mending said; `-e`, which tries the binding, ends with 1. */
const node = (version: string, mending = '') =>
  `case $1$2 in *allowScripts*) echo esbuild;; -p*) echo ${version} 115 /usr/bin/node;; -e*) exit 1;; *) printf '%s' '${mending}';; esac`;
const tools = { cc: '', 'c++': '', make: '', fusermount3: '', python3: '', openssl: '' };

/** An npm that does what is asked in a project without packages, and says what it was asked. */
const npm = `echo "npm $*" >>log; case $1 in ci) /usr/bin/mkdir -p node_modules;; run) /usr/bin/mkdir -p dist;; esac`;

test('no Node, an old Node and no npm get a clear word', async () => {
  const none = await makeMachine({});
  expect(await none.setUp()).toMatchObject({
    code: 1,
    lines: [
      'setup: Node is not installed; 20.19 or newer is needed.',
      expect.any(String),
      expect.any(String),
    ],
  });
  for (const version of ['18.20.4', '20.18.3']) {
    const old = await makeMachine({ node: node(version) });
    const { code, lines } = await old.setUp();
    expect([code, lines[0]]).toEqual([1, `setup: Node ${version} is too old; 20.19 or newer is needed.`]);
  }
  const bare = await makeMachine({ node: node('20.19.0') });
  expect((await bare.setUp()).lines[0]).toBe('setup: npm is missing beside Node.');
});

test('who may not install is told the command to type', async () => {
  const { setUp, root } = await makeMachine({
    node: node('22.1.0'),
    npm,
    python3: '',
    make: '',
    'apt-get': 'exit 1',
  });
  await new Promise((resolve) => execFile('/bin/chmod', ['-R', 'a+rwX', root], resolve));
  const { code, lines } = await setUp(65534);
  expect(code).toBe(1);
  expect(lines.slice(-2)).toEqual([
    'setup: missing: fuse3 gcc libc6-dev g++. Only root can install them. Type this, then start again:',
    '  sudo apt-get update && sudo apt-get install -y --no-install-recommends fuse3 gcc libc6-dev g++',
  ]);
});

test('root gets what is missing installed, and hears the installer only when it fails', async () => {
  const good = await makeMachine({
    node: node('20.20.2'),
    npm,
    ...tools,
    fusermount3: '',
    'apt-get': 'echo "$@" >>log',
  });
  const installed = await good.setUp(0, '--for-tests');
  expect(installed.code).toBe(0);
  expect(installed.lines[1]).toMatch(
    /^setup: system {4}installing rclone attr git rsync sqlite3 cpio patch$/,
  );
  const bad = await makeMachine({
    node: node('20.20.2'),
    npm,
    'apt-get': 'echo "E: no such thing"; exit 100',
  });
  const { code, lines } = await bad.setUp();
  expect(code).toBe(1);
  expect(lines.slice(-2)).toEqual([
    'E: no such thing',
    'setup: apt-get update failed; its own words are above',
  ]);
});

test('a second run does nothing; changed sources are built, a changed lock is installed', async () => {
  const { root, setUp } = await makeMachine({ node: node('20.20.2'), npm, ...tools });
  const asked = async () => readFile(join(root, 'log'), 'utf8').catch(() => '');
  const full = 'npm ci --ignore-scripts\nnpm rebuild esbuild\nnpm run build\n';
  expect((await setUp()).code).toBe(0);
  expect(await asked()).toBe(full);
  const second = await setUp();
  expect(second.lines).toEqual([
    'setup: node      20.20.2',
    'setup: system    nothing is missing',
    'setup: packages  up to date',
    'setup: binding   mended, up to date',
    'setup: build     up to date',
  ]);
  expect(await asked()).toBe(full);
  await writeFile(join(root, 'src/a.ts'), 'export const changed = 1;');
  await setUp();
  expect(await asked()).toBe(`${full}npm run build\n`);
  await writeFile(join(root, 'package-lock.json'), '{ }');
  await setUp();
  expect(await asked()).toBe(`${full}npm run build\n${full}`);
});

test('a binding that cannot be mended is said to be so, and gets the libfuse that it needs', async () => {
  const words = 'fuse-native stays as it is: there is no compiler';
  const machine = { ...tools, npm, 'apt-get': 'echo "apt-get $*" >>log', 'apt-cache': 'exit 100' };
  const { root, setUp } = await makeMachine({ ...machine, node: node('20.20.2', words) });
  const { code, lines } = await setUp();
  expect(code).toBe(0);
  expect(lines).toContain(`setup: binding   ${words}`);
  expect(await readFile(join(root, 'log'), 'utf8')).toContain('--no-install-recommends libfuse2 ');
  expect(
    (
      await makeMachine({ ...machine, node: node('20.20.2', 'fuse-native is mended') }).then((one) =>
        one.setUp(),
      )
    ).lines,
  ).toContain('setup: binding   mended in 0 s');
});

test('an unknown argument is refused', async () => {
  const { setUp } = await makeMachine({});
  expect(await setUp(0, '--fast')).toEqual({
    code: 1,
    lines: ['setup: unknown argument: --fast', '  usage: scripts/setup [--for-tests]'],
  });
});

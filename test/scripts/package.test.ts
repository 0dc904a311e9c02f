import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isWhole } from '../all-tests.ts';
import { yadiskfs } from '../mount/mounted-disk.ts';
import { typescript } from '../programs/typescript.ts';

const run = promisify(execFile);
const project = join(import.meta.dirname, '../..');
const canPack = ['dpkg-deb', 'dpkg-shlibdeps', 'strip'].every(
  (name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0,
);
const slow = 240_000;

describe.skipIf(!canPack || !isWhole)('the package for Debian', () => {
  let folder: string;
  let file: string;
  /** It, unpacked. */
  let root: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'yadiskfs-test-package-'));
    const script = join(project, 'scripts/packaging/main.ts');
    const { stdout } = await run(process.execPath, [...typescript(script), folder, '--light'], {
      env: { ...process.env, LC_ALL: 'C.UTF-8', LANGUAGE: '' },
    });
    file = stdout.trim();
    root = join(folder, 'root');
    await run('dpkg-deb', ['-R', file, root]);
  }, slow);
  afterAll(() => rm(folder, { recursive: true }));

  const text = (path: string) => readFile(join(root, path), 'utf8');
  const unpacked = async (path: string) => (await run('zcat', [join(root, path)])).stdout;

  it('has all at its place, with the modes that a system has', async () => {
    const { stdout: listed } = await run('dpkg-deb', ['-c', file]);
    for (const line of listed.trimEnd().split('\n'))
      expect(line).toMatch(/^(-rw-r--r--|[-d]rwxr-xr-x|lrwxrwxrwx) root\/root /);
    for (const place of [
      './usr/bin/yadiskfs -> ../lib/yadiskfs/dist/cli/main.js',
      './usr/sbin/mount.yadiskfs -> ../lib/yadiskfs/dist/cli/mount-helper.js',
      './usr/sbin/mount.fuse.yadiskfs -> ../lib/yadiskfs/dist/cli/mount-helper.js',
      './usr/share/man/man8/mount.yadiskfs.8.gz',
      './usr/share/bash-completion/completions/yadiskfs',
      './usr/share/zsh/vendor-completions/_yadiskfs',
      './usr/share/fish/vendor_completions.d/yadiskfs.fish',
    ])
      expect(listed).toContain(` ${place}\n`);
    expect(listed).not.toMatch(/\.map\n|\/rolldown\/|\.cc?\n/);
    expect(await text('DEBIAN/control')).toMatch(/^Depends: fuse3, libc6 \(>= [\d.]+\)/m);
    expect(await text('usr/lib/systemd/user/yadiskfs@.service')).toContain(
      '\nExecStart="/usr/bin/yadiskfs" mount %f\n',
    );
  });

  it('runs by itself: nothing of a checkout is needed, and both compiled parts load', async () => {
    const program = join(root, 'usr/lib/yadiskfs');
    const node = (...args: string[]) =>
      run(join(program, 'node'), args, { cwd: '/', env: { HOME: root, LANG: 'C.UTF-8' } });
    const { version }: { version: string } = JSON.parse(
      await readFile(join(project, 'package.json'), 'utf8'),
    );
    expect((await node(join(program, 'dist/cli/main.js'), '--version')).stdout.trim()).toBe(version);
    const load = `const load = require('node:module').createRequire(process.argv[1] + '/dist/');
      const binding = load('node-gyp-build')(process.argv[1] + '/node_modules/fuse-native');
      const sum = load('better-sqlite3')(':memory:').prepare('SELECT 41 + 1').pluck().get();
      console.log(binding.mended_version, sum);`;
    expect((await node('-e', load, program)).stdout).toBe('1 42\n');
  });

  it('names in its licences and its bill of materials what is in it', async () => {
    const docs = 'usr/share/doc/yadiskfs';
    const bill = await unpacked(`${docs}/bill-of-materials.cdx.json.gz`);
    const components: { name: string }[] = JSON.parse(bill).components;
    const listed = components.map(({ name }) => name);
    const inside = [
      'got',
      'zod',
      'yargs',
      'better-sqlite3',
      'fuse-native',
      'node',
      'openssl',
      'libfuse',
      'sqlite',
    ];
    for (const name of inside) expect(listed).toContain(name);
    const copyright = await text(`${docs}/copyright`);
    const named = ['got', 'zod', 'pino', 'lru-cache', 'yargs', 'fuse-native', 'Node.js', 'libfuse', 'SQLite'];
    for (const name of named) expect(copyright).toMatch(new RegExp(`^${name}[ ,]`, 'm'));
  });

  it(
    'has a man page that names every command, and the options that their help names',
    { timeout: slow },
    async () => {
      const page = (await unpacked('usr/share/man/man1/yadiskfs.1.gz')).replaceAll('\\-', '-');
      const sections = page.split('\n.SS ');
      const names = [...(await helpOf()).matchAll(/^ {2}yadiskfs ([a-z-]+)/gm)].map(([, name]) => name ?? '');
      expect(names.length).toBeGreaterThan(20);
      for (const name of names) expect(page).toMatch(new RegExp(`^\\.SS yadiskfs ${name}( |$)`, 'm'));
      for (const words of ['mount', 'publish', 'trash restore']) {
        const section = sections.find((each) => new RegExp(`^yadiskfs ${words}( |\n)`).test(each));
        const help = await helpOf(...words.split(' '));
        const options = [...help.matchAll(/^ +(--[a-z-]+)/gm)].map(([, option]) => option ?? '');
        expect(options.length, words).toBeGreaterThan(3);
        for (const option of options)
          if (!['--help', '--version', '--json'].includes(option))
            expect(section).toContain(`\\fB${option}\\fR`);
      }
    },
  );
});

async function helpOf(...words: string[]): Promise<string> {
  const environment = { PATH: process.env['PATH'], HOME: '/nonexistent', LANG: 'C.UTF-8' };
  return (await yadiskfs(environment, ...words, '--help')).stdout;
}

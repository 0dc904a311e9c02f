import { spawn } from 'node:child_process';
import { chmod, lstat, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { isMounted, program, writable, yadiskfs } from './mounted-disk.ts';
import { type StandingDisk, standingDisk } from './standing-disk.ts';

/** Somebody else on this machine. Only root can become somebody else. */
const stranger = 65534;
const isRoot = process.getuid?.() === 0;

let disk: StandingDisk;
afterEach(async () => {
  if (await isMounted(disk.mountpoint)) await yadiskfs(disk.environment, 'umount', disk.mountpoint);
  await disk.close();
});

/** Runs a program of Node as the stranger. @returns what it printed */
function asStranger(code: string, ...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['-e', code, ...args], {
      ...{ cwd: '/', uid: stranger, gid: stranger, env: {} },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    child.once('error', reject);
    child.once('close', () => resolve(text));
  });
}

/** All that can be read below the folders. */
const readable = `
  const { readdirSync, readFileSync } = require('node:fs');
  for (const folder of process.argv.slice(1)) {
    let entries = [];
    try { entries = readdirSync(folder, { withFileTypes: true, recursive: true }); } catch {}
    for (const entry of entries) {
      const path = entry.parentPath + '/' + entry.name;
      try { if (entry.isFile()) { readFileSync(path); console.log(path); } } catch {}
    }
  }`;

/** Whether a socket can be spoken to. */
const speaks = `
  require('node:net').connect(process.argv[1])
    .on('connect', () => { console.log('open'); process.exit(); })
    .on('error', ({ code }) => console.log(code));`;

/** The usual work of a day, begun with the most generous umask that a user may have, in folders that he made himself. */
async function usedDisk(): Promise<void> {
  disk = await standingDisk({
    standIn: { settings: { finalAfterMs: 0 } },
    fill: ({ model }) => model.putFile('disk:/read.txt', 'read'.repeat(100_000)),
  });
  await chmod(disk.folder, 0o755);
  for (const name of ['CONFIG', 'CACHE', 'STATE', 'RUNTIME']) {
    const folder = String(disk.environment[`YADISKFS_${name}_DIR`]);
    await mkdir(folder);
    await chmod(folder, 0o777);
  }
  const { YADISKFS_TOKEN: token, ...environment } = disk.environment;
  for (const args of [
    ['setup', '--token', String(token), '--json'],
    ['mount', disk.mountpoint, '--daemon', '--log-level', 'debug', '--write-back', '1h'],
  ]) {
    const line = 'umask 000; exec "$@"';
    const child = spawn('bash', ['-c', line, 'bash', process.execPath, program, ...args], {
      env: environment,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
    });
    const code = await new Promise((resolve) => child.once('exit', resolve));
    if (code !== 0) throw new Error(`${args[0]} ended with ${code}: ${stderr}`);
  }
  expect((await readFile(disk.path('read.txt'))).length).toBe(400_000);
  await writeFile(disk.path('written.txt'), 'geheim');
  expect((await yadiskfs(environment, 'pin', disk.path('read.txt'))).code).toBe(0);
}

describe('another user of this machine', () => {
  it.runIf(isRoot)(
    'reads nothing that is kept here, and has no word with the mount',
    async () => {
      await usedDisk();
      const folders = ['CONFIG', 'CACHE', 'STATE', 'RUNTIME'].map((name) =>
        String(disk.environment[`YADISKFS_${name}_DIR`]),
      );
      const kept = (
        await Promise.all(folders.map((folder) => readdir(folder, { recursive: true, withFileTypes: true })))
      ).flat();
      const files = kept.filter((entry) => entry.isFile()).map(({ name }) => name);
      for (const wanted of ['default.json', 'tree.db', 'unsent.db', 'yadiskfs.log'])
        expect(files).toContain(wanted);
      const modes = await Promise.all(
        kept.map(async (entry) => {
          const path = join(entry.parentPath, entry.name);
          return `${path}: ${((await lstat(path)).mode & 0o077).toString(8)}`;
        }),
      );
      expect(modes.filter((mode) => !mode.endsWith(': 0'))).toEqual([]);
      expect(files.length).toBeGreaterThan(8);
      expect(await asStranger(readable, ...folders)).toBe('');

      const socket = kept.find((entry) => entry.isSocket());
      expect(await asStranger(speaks, join(String(socket?.parentPath), String(socket?.name)))).toBe(
        'EACCES\n',
      );
      // What he is kept from is there for others: the search itself finds what is to be found.
      const open = join(disk.folder, 'open', 'file');
      await mkdir(dirname(open));
      await writeFile(open, 'x');
      await chmod(open, 0o644);
      expect(await asStranger(readable, dirname(open))).toBe(`${open}\n`);
    },
    120_000,
  );

  it.runIf(isRoot)(
    'does not enter a mount, unless it is for others too; then its modes count',
    async () => {
      const look = `
      const { readdirSync, readFileSync, writeFileSync } = require('node:fs');
      const [folder] = process.argv.slice(1);
      const tried = (what) => { try { return String(what()).slice(0, 4); } catch ({ code }) { return code; } };
      console.log(tried(() => readdirSync(folder).length), tried(() => readFileSync(folder + '/read.txt')),
        tried(() => readFileSync(folder + '/private')), tried(() => writeFileSync(folder + '/x', '')));`;
      disk = await standingDisk({ fill: ({ model }) => model.putFile('disk:/read.txt', 'read') });
      await chmod(disk.folder, 0o755);
      const alone = await disk.mount(writable);
      expect(await asStranger(look, disk.mountpoint)).toBe('EACCES EACCES EACCES EACCES\n');
      expect(await alone.end()).toBe(0);
      const shared = await disk.mount(writable, '--allow-other');
      await writeFile(disk.path('private'), 'own', { mode: 0o600 });
      expect(await asStranger(look, disk.mountpoint)).toBe('2 read EACCES EACCES\n');
      expect(await shared.end()).toBe(0);
    },
    120_000,
  );
});

describe('what comes from the Disk', () => {
  it('makes nobody root: a mount knows no set-user-id and no devices', async () => {
    disk = await standingDisk();
    await disk.mount(writable);
    const line = (await readFile('/proc/self/mounts', 'utf8'))
      .split('\n')
      .find((text) => text.includes(` ${disk.mountpoint} `));
    expect(line?.split(' ')[3]?.split(',')).toEqual(expect.arrayContaining(['nosuid', 'nodev']));
  });
});

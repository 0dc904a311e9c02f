import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { makeProject } from './project-fixture.ts';

const run = promisify(execFile);
const project = join(import.meta.dirname, '../..');

/** Lines of the kernel's table of mounts that name a folder. */
const mountsAt = async (folder: string) =>
  (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').filter((line) => line.includes(folder));

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

// The first time on a machine the Disk's photos are painted and its film is hashed.
describe('the demonstration', { timeout: 120_000 }, () => {
  let folder = '';
  let output = '';

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'yadiskfs-test-demo-'));
    output = '';
    onTestFinished(async () => {
      for (const line of await mountsAt(folder))
        await run('fusermount3', ['-uz', line.split(' ')[4] ?? '']).catch(() => {});
      await rm(folder, { recursive: true });
    });
  });

  function start(...args: string[]): ChildProcess {
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', 'scripts/demonstration/main.ts', join(folder, 'demo-disk'), './demo-disk', ...args],
      { cwd: project, env: { ...process.env, TMPDIR: folder }, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const collect = (piece: Buffer) => {
      output += piece;
    };
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
    onTestFinished(() => void child.kill('SIGKILL'));
    return child;
  }

  async function expectNothingLeft(): Promise<void> {
    expect(await mountsAt(folder)).toEqual([]);
    expect(await exists(join(folder, 'demo-disk'))).toBe(false);
  }

  test('its tour shows what is on the Disk, checks it, and leaves nothing', async () => {
    const child = start('--once');
    expect(await once(child, 'close'), output).toEqual([0, null]);
    expect(output.match(/^✓ requests: /gm), output).toHaveLength(12);
    expect(output).not.toContain('✗');
    expect(output).toContain('\nСписок дел на неделю\n');
    await expectNothingLeft();
  });

  test('a signal unmounts, also while a program is in the mount', async () => {
    const child = start();
    await vi.waitFor(() => expect(output).toContain('Ctrl-C here'), { timeout: 60_000 });
    const inside = spawn('sleep', ['60'], { cwd: join(folder, 'demo-disk'), stdio: 'ignore' });
    onTestFinished(() => void inside.kill());
    await once(inside, 'spawn');
    child.kill('SIGINT');
    expect(await once(child, 'close'), output).toEqual([0, null]);
    await expectNothingLeft();
  });

  test('a mount that dies is told with its last words', async () => {
    const child = start();
    await vi.waitFor(() => expect(output).toContain('Ctrl-C here'), { timeout: 60_000 });
    const children = await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8');
    for (const pid of children.trim().split(' ').map(Number)) {
      if ((await readFile(`/proc/${pid}/cmdline`, 'utf8')).includes('cli/main.js'))
        process.kill(pid, 'SIGKILL');
    }
    expect(await once(child, 'close')).toEqual([1, null]);
    expect(output).toContain('the mount has ended by itself:\n(ended with SIGKILL)');
    await expectNothingLeft();
  });
});

describe('scripts/demo', () => {
  /** A checkout whose set-up does nothing and whose Node is a line of shell, run in the checkout; `$4` is the mountpoint. */
  async function makeCheckout(
    node: string,
  ): Promise<{ root: string; demo: (...command: string[]) => Promise<[number, string]> }> {
    const root = await makeProject({ 'scripts/setup': '#!/bin/bash', 'bin/node': `#!/bin/bash\n${node}` });
    for (const name of ['demo', 'shell'])
      await cp(join(project, 'scripts', name), join(root, 'scripts', name), { recursive: true });
    for (const name of ['scripts/setup', 'bin/node']) await chmod(join(root, name), 0o755);
    onTestFinished(async () => {
      for (const _ of await mountsAt(root))
        await run('umount', ['-l', join(root, 'demo-disk')]).catch(() => {});
    });
    const env = { ...process.env, PATH: `${join(root, 'bin')}:${process.env['PATH']}`, TMPDIR: root };
    const demo = (...command: string[]) =>
      new Promise<[number, string]>((resolve) => {
        const [file = 'scripts/demo', ...args] = command.length > 0 ? command : ['scripts/demo', '--once'];
        execFile(file, args, { cwd: root, env }, (error, stdout, stderr) => {
          resolve([error === null ? 0 : Number(error.code), stdout + stderr]);
        });
      });
    return { root, demo };
  }

  test.each([
    ['heard', [], 137],
    ['heard by nobody any more', ['bash', '-c', 'scripts/demo --once 2>&1 | true'], 0],
  ])('takes away what a killed process left: mount, processes, folders (%s)', async (_, command, code) => {
    const { root, demo } = await makeCheckout(
      'mkdir "$4"; mount -t tmpfs none "$4"; sleep 62 & echo $! >sleeper; kill -9 $$',
    );
    expect((await demo(...command))[0]).toBe(code);
    expect(await mountsAt(root)).toEqual([]);
    expect(await exists(join(root, 'demo-disk'))).toBe(false);
    expect(await exists(`/proc/${(await readFile(join(root, 'sleeper'), 'utf8')).trim()}/exe`)).toBe(false);
    const { stdout } = await run('ls', [root]);
    expect(stdout).not.toContain('yadiskfs-demo-');
  });

  test('heals what an earlier one left, and touches no folder of somebody else', async () => {
    const { root, demo } = await makeCheckout('echo started');
    await mkdir(join(root, 'demo-disk'));
    await run('mount', ['-t', 'tmpfs', 'none', join(root, 'demo-disk')]);
    expect(await demo()).toEqual([
      0,
      'demo: mount     taking away the mount that an earlier run left at ./demo-disk\nstarted\n',
    ]);
    await mkdir(join(root, 'demo-disk'));
    await writeFile(join(root, 'demo-disk/mine'), 'kept');
    const [code, words] = await demo();
    expect([code, words.split('\n')[0]]).toEqual([
      1,
      'demo: ./demo-disk is there and not empty; nothing in it was touched',
    ]);
    expect(await readFile(join(root, 'demo-disk/mine'), 'utf8')).toBe('kept');
  });

  test('a second one at the same time is refused', async () => {
    const { root, demo } = await makeCheckout('touch started; until [[ -e enough ]]; do sleep 0.05; done');
    const first = demo();
    await vi.waitFor(() => access(join(root, 'started')));
    const second = await demo();
    expect(second[0]).toBe(1);
    expect(second[1]).toContain('is running in this checkout already');
    await writeFile(join(root, 'enough'), '');
    expect(await first).toEqual([0, '']);
  });
});

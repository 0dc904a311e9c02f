import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { makeProject } from './project-fixture.ts';

const project = join(import.meta.dirname, '../..');
const asOthers = process.getuid?.() === 0;

/** The command, with parts that only note what they are asked for and then do a line of bash. */
async function start(line: string, ...args: string[]) {
  const part = `#!/usr/bin/env bash\necho "$(basename "$0") $*" >>parts\n${line}\n`;
  const root = await makeProject({ 'scripts/exercise': part, 'scripts/programs-test': part });
  for (const path of ['scripts/compatibility-test', 'scripts/shell/words.sh'])
    await cp(join(project, path), join(root, path));
  for (const name of ['exercise', 'programs-test']) await chmod(join(root, 'scripts', name), 0o755);
  const child = spawn(join(root, 'scripts/compatibility-test'), args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  const parts = () => readFile(join(root, 'parts'), 'utf8').catch(() => '');
  return { child, parts, closed: once(child, 'close'), stdout: () => stdout };
}

test('runs every part, and says of each how it ended', async () => {
  const { closed, parts, stdout } = await start('exit 0', '--rounds', '1', '--user', 'somebody');
  expect(await closed).toEqual([0, null]);
  const wanted = ['exercise ', 'programs-test --rounds 1'];
  if (asOthers) wanted.push('programs-test --as somebody --rounds 1');
  expect((await parts()).split('\n')).toEqual([...wanted, '']);
  expect(stdout().match(/^right: .*$/gm)).toHaveLength(wanted.length);
});

test('goes on after a part that failed, and ends with 1 then', async () => {
  const line = '[[ $0 != *exercise ]] || exit 3';
  const { closed, parts, stdout } = await start(line);
  expect(await closed).toEqual([1, null]);
  expect(await parts()).toContain('programs-test --rounds 3');
  expect(stdout()).toMatch(/^ended with 3: scripts\/exercise \(0 min\)$/m);
  expect(stdout()).toMatch(/^right: scripts\/programs-test --rounds 3 \(0 min\)$/m);
});

test('ends the part at work when it is told to end, and starts no other', async () => {
  const line = [
    'sleep 60 >/dev/null 2>&1 & sleeper=$!',
    'trap \'kill "$sleeper"; echo ended >>parts; exit\' TERM',
    'echo ready >>parts; wait',
  ].join('\n');
  const { child, closed, parts } = await start(line);
  await vi.waitUntil(async () => (await parts()).includes('ready'), { timeout: 20_000, interval: 20 });
  child.kill('SIGTERM');
  expect(await closed).toEqual([130, null]);
  expect((await parts()).split('\n')).toEqual(['exercise ', 'ready', 'ended', '']);
});

test('refuses what it does not know', async () => {
  const { closed, parts } = await start('exit 0', '--round', '1');
  expect(await closed).toEqual([1, null]);
  expect(await parts()).toBe('');
});

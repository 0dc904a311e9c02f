import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { englishLeft } from '../words/english-left.ts';
import { writable, yadiskfs } from './mounted-disk.ts';
import { standingDisk } from './standing-disk.ts';

/* What a person reads where the locale is Russian; programs read the same as everywhere. */

async function russianDisk() {
  const standing = await standingDisk({
    standIn: { settings: { finalAfterMs: 0, operationMs: 20 } },
    fill: ({ model }) => {
      model.putFile('disk:/doc.txt', 'x'.repeat(1536 << 10));
    },
  });
  onTestFinished(() => standing.close());
  const { environment, folder } = standing;
  const [programs, calls] = [join(folder, 'programs'), join(folder, 'calls')];
  await mkdir(programs);
  await writeFile(join(programs, 'notify-send'), `#!/bin/sh\nprintf '%s|' "$@" >> '${calls}'\n`, {
    mode: 0o755,
  });
  environment['PATH'] = `${programs}:${environment['PATH']}`;
  environment['DBUS_SESSION_BUS_ADDRESS'] = 'unix:path=/nobody/listens';
  environment['LC_ALL'] = 'ru_RU.UTF-8';
  const mount = await standing.mount(writable, '--write-back', '200ms', '--poll-interval', '500ms');
  const run = async (...args: string[]) => {
    const answer = await yadiskfs(environment, ...args);
    if (!args.includes('--json'))
      expect([args, englishLeft(answer.stdout), englishLeft(answer.stderr)]).toEqual([args, '', '']);
    return answer;
  };
  return { ...standing, run, notices: () => readFile(calls, 'utf8').catch(() => ''), log: () => mount.log() };
}

describe('a mount where the locale is Russian', { timeout: 180_000 }, () => {
  it('is answered for in Russian, and to programs as everywhere', async () => {
    const { path, run, mountpoint, environment, disk } = await russianDisk();
    expect((await run('pause')).stdout).toBe(`Отправка приостановлена: ${mountpoint}\n`);
    await writeFile(path('new'), 'five5');
    const { stdout } = await run('status');
    expect(stdout).toContain('ПРИОСТАНОВЛЕН: yadiskfs resume');
    expect(stdout).toContain('  К отправке: 1 файл (5 байт)\n');
    expect(stdout).toMatch(/ {2}Диск: {7}занято \S+ \S+ из \S+ ГиБ/);
    expect(await run('flush', path('new'))).toMatchObject({
      code: 1,
      stderr: `yadiskfs: Отправка приостановлена: ${mountpoint}\n  Продолжить: yadiskfs resume '${mountpoint}'.\n`,
    });
    const failed = await run('flush', path('new'), '--json');
    expect(JSON.parse(failed.stderr)).toMatchObject({
      error: { message: `Sending is paused: ${mountpoint}`, path: mountpoint },
    });
    const status = JSON.parse((await run('status', '--json')).stdout);
    expect(status.mounts[0]).toMatchObject({ state: 'paused', queue: { uploads: 1 } });
    expect((await run('limit', '--up', '2M')).stdout).toBe(
      `${mountpoint}: на Диск: 2,0 МиБ/с, с Диска: без предела\n`,
    );
    expect((await run('resume')).stdout).toBe(`Снова отправляется: ${mountpoint}\n`);
    expect(await run('flush')).toMatchObject({ code: 0 });
    expect((await run('unpublish', path('new'))).stdout).toBe('Ссылки и не было: disk:/new\n');
    await rm(path('new'));
    await run('flush');
    expect((await run('trash', 'list')).stdout).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}5 байт {2}disk:\/new /,
    );
    expect((await run('files')).stdout).toMatch(/^ {2}1,5 МиБ {2}.* disk:\/doc\.txt\n$/);
    expect(JSON.parse((await run('files', '--json')).stdout).files[0].sizeBytes).toBe(1536 << 10);
    expect((await run('trash', 'empty', '--yes')).stdout).toBe('Удалено навсегда: 1 объект (5 байт).\n');
    expect((await run('info')).stdout).toContain('Свободно:     ');
    expect(await run('publish', '/nowhere/x')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Диск не подключён к /nowhere/x'),
    });
    expect((await run('link', 'disk:/gone')).stderr).toMatch(
      /^yadiskfs: На Диске этого нет: disk:\/gone\n {2}Имена — как на Диске, /,
    );
    // The words of the Disk itself stand behind it as they came.
    disk.wire.faults.add({
      route: 'resources.download-link',
      fault: { kind: 'status', status: 403, error: 'ForbiddenError', description: 'Not for you.' },
    });
    const refused = await yadiskfs(environment, 'link', 'disk:/doc.txt');
    expect(refused.stderr).toMatch(
      /^yadiskfs: Диск отказался дать ссылку на disk:\/doc\.txt: 403 ForbiddenError \(Not for you\.\)\n/,
    );
  });

  it('tells on the desktop in Russian, and in its log in English', async () => {
    const { path, run, notices, log, disk, mountpoint } = await russianDisk();
    disk.wire.faults.add({
      route: 'resources.upload-link',
      fault: { kind: 'status', status: 507 },
      count: 1_000,
    });
    await writeFile(path('big.txt'), 'big');
    expect(await run('flush', mountpoint, '--timeout', '20s')).toMatchObject({
      stderr: expect.stringMatching(
        /^yadiskfs: Не удалось отправить: big\.txt: На Диске нет места, и он отказался /,
      ),
    });
    await expect.poll(notices, { timeout: 20_000 }).toContain('Yandex Disk: не удалось отправить файл|');
    expect(await notices()).toContain('big.txt: На Диске нет места, и он отказался ');
    const unsent = await run('unsent', 'list');
    expect(unsent.stdout).toMatch(
      /\n {2}На Диске нет места, .* \(no-space, с \d\d\.\d\d\.\d{4} \d\d:\d\d:\d\d\)\n/,
    );
    expect(JSON.parse((await run('unsent', 'list', '--json')).stdout).unsent[0].message).toMatch(
      /^The Disk is full, and refused to /,
    );
    expect(log()).not.toMatch(/\p{Script=Cyrillic}/u);
  });
});

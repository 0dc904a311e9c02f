import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DesktopNotices } from '../../src/daemon/desktop-notices.ts';
import { en } from '../../src/words/en.ts';

/** As they are said in English. */
const english = { ...en.notices, translated: (text: string) => text };
const patience = { timeout: 10_000, interval: 20 };

/** Writes down with what it was called, and what of its environment it must not see. */
const recorder = (file: string) =>
  `#!/bin/sh\n{ printf '%s\\036' "$YADISKFS_TOKEN" "$(pwd)" "$@"; printf '\\035'; } >> '${file}'\n`;

describe('notifications of the desktop', () => {
  let folder: string;
  let environment: NodeJS.ProcessEnv;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'yadiskfs-test-'));
    environment = {
      PATH: `${folder}:/usr/bin:/bin`,
      DBUS_SESSION_BUS_ADDRESS: `unix:path=${folder}/nobody-listens`,
      YADISKFS_TOKEN: 'secret',
    };
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function install(program: string): Promise<void> {
    await writeFile(join(folder, program), recorder(join(folder, 'calls')));
    await chmod(join(folder, program), 0o755);
  }

  async function calls(): Promise<string[][]> {
    const text = await readFile(join(folder, 'calls'), 'utf8').catch(() => '');
    return text
      .split('\x1d')
      .slice(0, -1)
      .map((call) => call.split('\x1e').slice(0, -1));
  }

  it('name what happened, whatever it is called, and see no secrets', async () => {
    await install('notify-send');
    const notices = new DesktopNotices(environment, english, { gatherMs: 10, intervalMs: 0 });
    notices.tell({ kind: 'unsent', path: '--<b>$(id)`"\n&\u202e', message: 'no <room>' });
    await expect.poll(calls, patience).toHaveLength(1);
    const [[token, place, ...args] = []] = await calls();
    expect([token, place]).toEqual(['', '/']);
    expect(args.slice(-3)).toEqual([
      '--',
      'Yandex Disk: A file could not be sent as it is',
      '--&lt;b&gt;$(id)`"?&amp;?: no &lt;room&gt;\nAll of it is kept on this machine: yadiskfs unsent list',
    ]);
    notices.tell({ kind: 'conflict', path: 'a/doc.txt', copy: 'a/doc (conflict).txt' });
    await expect.poll(calls, patience).toHaveLength(2);
    expect((await calls())[1]?.slice(-2)).toEqual([
      'Yandex Disk: A file was changed here and elsewhere',
      'a/doc.txt: yours is doc (conflict).txt',
    ]);
  });

  it('tell of a crowd once, and of what comes soon after at the end at the latest', async () => {
    await install('notify-send');
    const notices = new DesktopNotices(environment, english, { gatherMs: 50, intervalMs: 3_600_000 });
    for (let count = 1; count <= 500; count++)
      notices.tell({ kind: 'unsent', path: `${'x'.repeat(200)}${count}`, message: 'no' });
    await expect.poll(calls, patience).toHaveLength(1);
    const body = (await calls())[0]?.at(-1) ?? '';
    expect(body.split('\n')).toHaveLength(5);
    expect(body).toContain('… and 497 more.');
    expect(body.length).toBeLessThan(500);
    notices.tell({ kind: 'unsent', path: 'last', message: 'no' });
    await sleep(200);
    expect(await calls()).toHaveLength(1);
    notices.close();
    await expect.poll(calls, patience).toHaveLength(2);
    expect((await calls())[1]?.at(-1)).toContain('last: no');
  });

  it('go by gdbus where there is no notify-send, and nowhere without a session', async () => {
    await install('gdbus');
    const path = folder;
    const notices = new DesktopNotices({ ...environment, PATH: path }, english, {
      gatherMs: 10,
      intervalMs: 0,
    });
    notices.tell({ kind: 'unsent', path: "it's \\ here", message: 'no' });
    await expect.poll(calls, patience).toHaveLength(1);
    expect((await calls())[0]).toContain(
      "'it\\'s \\\\ here: no\\nAll of it is kept on this machine: yadiskfs unsent list'",
    );
    const { DBUS_SESSION_BUS_ADDRESS: _, ...noSession } = environment;
    const nobody = new DesktopNotices(noSession, english, { gatherMs: 10, intervalMs: 0 });
    nobody.tell({ kind: 'unsent', path: 'a', message: 'no' });
    nobody.close();
    await sleep(200);
    expect(await calls()).toHaveLength(1);
  });

  it('are left out where there is no program for them', async () => {
    const notices = new DesktopNotices({ ...environment, PATH: folder }, english, {
      gatherMs: 10,
      intervalMs: 0,
    });
    notices.tell({ kind: 'unsent', path: 'a', message: 'no' });
    notices.close();
    await sleep(200);
    expect(await calls()).toEqual([]);
  });
});

import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isWhole } from '../all-tests.ts';
import { isMounted } from '../mount/mounted-disk.ts';
import { filesUnder, finish, logIn, type NewUser, newUser, storedLogin } from './login-fixture.ts';
import { atTerminal, ctrlC, ctrlD, enter, type Terminal } from './terminal.ts';

const clean = { code: 130, echo: true, lines: true };

let user: NewUser;
let terminal: Terminal;

beforeEach(async () => {
  user = await newUser();
});
afterEach(async () => {
  await terminal.close();
  await user.close();
});

const setup = async (environment = user.environment, ...args: string[]) => {
  terminal = await atTerminal(environment, 'setup', '--no-browser', ...args);
};
const answer = async (question: string, text: string) => {
  await terminal.shows(question);
  terminal.type(`${text}${enter}`);
};
const giveApp = async () => {
  await answer('ClientID: ', user.disk.settings.clientId);
  await answer('Client secret (not shown): ', user.disk.settings.clientSecret);
};
/** The end of a login that succeeds, of who wants no more. */
const endWithoutMount = async () => {
  await answer('Mount the Disk at ~/Disk now? [Y/n]', 'n');
  await terminal.shows('Next:  mkdir -p ~/Disk && yadiskfs mount ~/Disk --daemon');
  return terminal.end();
};
/** What is stored besides the number of the installation. */
const stored = async () =>
  [...(await filesUnder(user.folder)).keys()].filter((path) => !path.endsWith('/device-id'));

describe('a login at a terminal', () => {
  it('leads from nothing to a login', async () => {
    await setup();
    const beginning = await terminal.shows('ClientID: ');
    for (const word of [
      'https://oauth.yandex.ru/client/new',
      'Веб-сервисы',
      'https://oauth.yandex.ru/verification_code',
      'cloud_api:disk.info',
      'cloud_api:disk.read',
      'cloud_api:disk.write',
    ]) {
      expect(beginning).toContain(word);
    }
    await giveApp();
    const card = await terminal.shows(/\d:\d\d left/);
    expect(card).toContain('https://ya.ru/device');
    expect(card).toContain(user.disk.control.pendingDevices()[0]?.userCode);
    expect(card).toContain('▀');
    user.disk.control.approveDevice();
    const end = await terminal.shows('[Y/n]');
    expect(end).toMatch(/Logged in\.\s+User: +testuser \(100000001\)/);
    expect(end).toContain('Free:         42.0 GiB');
    expect(await endWithoutMount()).toEqual({ code: 0, echo: true, lines: true });
    expect(await storedLogin(user)).toMatchObject({ person: { login: 'testuser' } });
    expect(terminal.screen()).not.toContain(user.disk.settings.clientSecret);
    expect(terminal.screen()).not.toContain(String((await storedLogin(user))['accessToken']));
  });

  it('counts down, second by second', async () => {
    await setup(user.withApp);
    await terminal.shows('4:58 left');
    const times = [...terminal.screen().matchAll(/(\d:\d\d) left/g)].map(([, time]) => time);
    expect([...new Set(times)].slice(0, 3)).toEqual(['5:00', '4:59', '4:58']);
    terminal.type(ctrlC);
    expect(await terminal.end()).toEqual(clean);
  });

  it('puts up with what people type', async () => {
    await setup();
    await answer('ClientID: ', '');
    await answer('ClientID: ', 'two words');
    await terminal.shows('one word of Latin letters');
    await answer('ClientID: ', `  ClientID: "${user.disk.settings.clientId}" `);
    await answer('(not shown): ', user.disk.settings.clientId);
    await terminal.shows('the ClientID once more');
    await answer('(not shown): ', 'пароль');
    await terminal.shows('one word of Latin letters');
    await answer('(not shown): ', 'wrong-secret');
    await terminal.shows('does not belong to it');
    await answer('(not shown): ', user.disk.settings.clientSecret);
    await terminal.shows(/\d:\d\d left/);
    user.disk.control.approveDevice();
    expect(await endWithoutMount()).toMatchObject({ code: 0 });
    expect(terminal.screen()).not.toMatch(/wrong-secret|пароль/);
    expect(
      user.disk.wire.requestLog.list().filter(({ route }) => route === 'oauth.device-code'),
    ).toHaveLength(1);
  });

  it('asks again after a ClientID that nobody knows', async () => {
    await setup();
    await answer('ClientID: ', 'typo');
    await answer('(not shown): ', 'x-secret');
    await terminal.shows('Yandex does not know this ClientID');
    await giveApp();
    await terminal.shows(/\d:\d\d left/);
    user.disk.control.approveDevice();
    expect(await endWithoutMount()).toMatchObject({ code: 0 });
  });

  it('takes ClientID and secret pasted at once, and does not show the secret', async () => {
    await setup();
    const { clientId, clientSecret } = user.disk.settings;
    await answer('ClientID: ', `${clientId}${enter}${clientSecret}`);
    await terminal.shows(/\d:\d\d left/);
    expect(terminal.screen()).not.toContain(clientSecret);
    terminal.type(ctrlC);
    expect(await terminal.end()).toEqual(clean);
  });

  it('offers a new code when one has expired', async () => {
    user.disk.control.set({ deviceCodeLifeMs: 1500 });
    await setup(user.withApp);
    await terminal.shows('Get a new one? [Y/n]');
    user.disk.control.set({ deviceCodeLifeMs: 60_000 });
    terminal.type(enter);
    await terminal.shows('1:00 left');
    user.disk.control.approveDevice();
    expect(await endWithoutMount()).toMatchObject({ code: 0 });
  });

  it('ends with 5 when no new code is wanted, with 3 when the user said no at Yandex', async () => {
    user.disk.control.set({ deviceCodeLifeMs: 1500 });
    await setup(user.withApp);
    await answer('Get a new one? [Y/n]', 'n');
    expect(await terminal.end()).toEqual({ ...clean, code: 5 });
    await terminal.close();
    user.disk.control.set({ deviceCodeLifeMs: 60_000 });
    await setup(user.withApp);
    await terminal.shows('left');
    user.disk.control.denyDevice();
    await answer('try again? [y/N]', '');
    expect(await terminal.end()).toEqual({ ...clean, code: 3 });
    expect(terminal.screen()).toContain('The access was denied on the page of Yandex');
  });

  it('tells that the network is gone, and tries again when told to: nothing need be typed twice', async () => {
    const fault = user.disk.wire.faults.add({ role: 'oauth', fault: { kind: 'reset' } });
    await setup();
    await giveApp();
    await terminal.shows(/No connection[\s\S]*Check the network[\s\S]*Try again\? \[Y\/n\]/);
    user.disk.wire.faults.remove(fault);
    terminal.type(enter);
    await terminal.shows('left');
    user.disk.wire.faults.add({ id: 'api', role: 'api', fault: { kind: 'reset' } });
    user.disk.control.approveDevice();
    await terminal.shows('Try again? [Y/n]');
    user.disk.wire.faults.remove('api');
    terminal.type(enter);
    expect(await endWithoutMount()).toMatchObject({ code: 0 });
  });

  it('shows trouble of the network while it waits', async () => {
    await setup(user.withApp);
    await terminal.shows('left');
    user.disk.wire.faults.add({ role: 'oauth', fault: { kind: 'reset' } });
    await terminal.shows(/left\. Ctrl-C gives up\. No connection/);
    terminal.type(ctrlC);
    expect(await terminal.end()).toEqual(clean);
  });

  it('replaces the login of somebody else only when that is confirmed', async () => {
    await logIn(user);
    user.disk.control.set({
      uid: '200000002',
      login: 'boris',
      displayName: 'Борис',
      deviceAutoApproveAfterPolls: 0,
    });
    await setup(user.withApp);
    await terminal.shows(
      /testuser \(100000001\) is logged in; you have logged in as boris \(Борис, 200000002\)/,
    );
    await answer('Replace the old login? [y/N]', '');
    expect(await terminal.end()).toMatchObject({ code: 3 });
    expect(await storedLogin(user)).toMatchObject({ person: { login: 'testuser' } });
    await terminal.close();
    await setup(user.withApp);
    await answer('Replace the old login? [y/N]', 'да');
    expect(await endWithoutMount()).toMatchObject({ code: 0 });
    expect(await storedLogin(user)).toMatchObject({ person: { login: 'boris' } });
  });

  it('asks for a ready token out of sight', async () => {
    await setup(user.environment, '--token', '-');
    await answer('Token (not shown): ', user.disk.token);
    expect(await endWithoutMount()).toMatchObject({ code: 0 });
    expect(terminal.screen()).not.toContain(user.disk.token);
  });

  it('asks nothing with --json, also at a terminal', async () => {
    await setup(user.environment, '--json');
    expect(await terminal.end()).toMatchObject({ code: 2 });
    expect(terminal.screen()).toContain('"event":"explain"');
  });
});

describe('after the login', { timeout: 60_000 }, () => {
  const mountpoint = () => join(user.folder, 'Disk');
  afterEach(async () => {
    if (await isMounted(mountpoint())) await finish(user.environment, 'umount', mountpoint(), '--force');
  });

  it('mounts, as soon as that is wanted', async () => {
    user.disk.model.putFile('disk:/note.txt', 'note');
    user.disk.control.set({ deviceAutoApproveAfterPolls: 0 });
    await setup(user.withApp);
    await answer('Mount the Disk at ~/Disk now? [Y/n]', '');
    // Without a systemd of hers there is nothing more to ask.
    await terminal.shows(`Mounted at ${mountpoint()}`);
    expect(await terminal.end()).toEqual({ code: 0, echo: true, lines: true });
    expect(await readdir(mountpoint())).toEqual(['note.txt']);
    // What runs goes on with the new login, so nobody is asked then.
    await terminal.close();
    await setup(user.withApp);
    await terminal.shows('Next:  ');
    expect(await terminal.end()).toMatchObject({ code: 0 });
    expect(terminal.screen()).not.toContain('Mount the Disk at');
  });

  it('mounts at each login, where systemd is there to do it', async () => {
    const bin = join(user.folder, 'bin');
    await mkdir(bin);
    await writeFile(join(bin, 'systemctl'), `#!/bin/sh\necho "$@" >> ${join(user.folder, 'asked')}\n`, {
      mode: 0o755,
    });
    await mkdir(join(user.folder, 'run', 'systemd', 'private'), { recursive: true });
    user.disk.control.set({ deviceAutoApproveAfterPolls: 0 });
    await setup({
      ...user.withApp,
      PATH: `${bin}:${process.env['PATH']}`,
      XDG_RUNTIME_DIR: join(user.folder, 'run'),
    });
    await answer('Mount the Disk at ~/Disk now? [Y/n]', 'y');
    await answer('And at each login from now on? [y/N]', 'y');
    await terminal.shows('and with each login from now on (yadiskfs@');
    expect(await terminal.end()).toMatchObject({ code: 0 });
    expect(await readFile(join(user.folder, 'asked'), 'utf8')).toMatch(
      /^--user show-environment\n--user daemon-reload\n--user enable (yadiskfs@\S*-Disk\.service)\n--user start \1\n$/,
    );
  });

  it('offers nothing where the folder holds something, and for a login by another name', async () => {
    await mkdir(mountpoint());
    await writeFile(join(mountpoint(), 'mine'), '');
    user.disk.control.set({ deviceAutoApproveAfterPolls: 0 });
    await setup(user.withApp);
    expect(await terminal.end()).toMatchObject({ code: 0 });
    await terminal.close();
    await setup(user.withApp, '--account', 'work');
    await terminal.shows('yadiskfs mount ~/Disk --daemon --account work');
    expect(await terminal.end()).toMatchObject({ code: 0 });
    expect(terminal.screen()).not.toContain('[Y/n]');
  });
});

describe('giving up', () => {
  const questions: [string, () => Promise<unknown>][] = [
    ['the ClientID', () => terminal.shows('ClientID: ')],
    [
      'the secret, half typed',
      async () => {
        await answer('ClientID: ', user.disk.settings.clientId);
        await terminal.shows('(not shown): ');
        terminal.type('geheim');
      },
    ],
    [
      'the code that waits',
      async () => {
        await giveApp();
        await terminal.shows('left');
      },
    ],
    [
      'whether to get a new code',
      async () => {
        user.disk.control.set({ deviceCodeLifeMs: 1500 });
        await giveApp();
        await terminal.shows('Get a new one?');
      },
    ],
    [
      'whether to try once more after a no',
      async () => {
        await giveApp();
        await terminal.shows('left');
        user.disk.control.denyDevice();
        await terminal.shows('try again?');
      },
    ],
    [
      'whether to try the network again',
      async () => {
        user.disk.wire.faults.add({ role: 'oauth', fault: { kind: 'reset' } });
        await giveApp();
        await terminal.shows('Try again?');
      },
    ],
    [
      'an answer of the network',
      async () => {
        user.disk.wire.faults.add({ role: 'oauth', fault: { kind: 'silence' } });
        await giveApp();
        await terminal.shows('\n');
      },
    ],
  ];
  it.each(
    isWhole ? questions : questions.slice(1, 4),
  )('with Ctrl-C at %s leaves nothing behind, and the terminal as it was', async (_, reach) => {
    await setup();
    await reach();
    terminal.type(ctrlC);
    expect(await terminal.end()).toEqual(clean);
    expect(terminal.screen()).toContain('Given up');
    expect(terminal.screen()).not.toContain('geheim');
    expect(await stored()).toEqual([]);
  });

  it('with Ctrl-C at whether to replace a login leaves the old one', async () => {
    await logIn(user);
    const before = await storedLogin(user);
    user.disk.control.set({ uid: '2', deviceAutoApproveAfterPolls: 0 });
    await setup(user.withApp);
    await terminal.shows('Replace the old login?');
    terminal.type(ctrlC);
    expect(await terminal.end()).toEqual(clean);
    expect(await storedLogin(user)).toEqual(before);
    expect(await readdir(join(user.folder, 'config', 'accounts'))).toEqual(['default.json']);
  });

  it('with Ctrl-D is the same', async () => {
    await setup();
    await answer('ClientID: ', 'x');
    await terminal.shows('(not shown): ');
    terminal.type(ctrlD);
    expect(await terminal.end()).toEqual(clean);
  });

  it('is done for by SIGTERM, which also leaves the terminal as it was', async () => {
    await setup();
    await answer('ClientID: ', 'x');
    await terminal.shows('(not shown): ');
    for (const name of await readdir('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      const environment = await readFile(`/proc/${name}/environ`, 'latin1').catch(() => '');
      const words = (await readFile(`/proc/${name}/cmdline`, 'latin1').catch(() => '')).split('\0');
      if (words[2] === 'setup' && environment.includes(user.folder)) process.kill(Number(name), 'SIGTERM');
    }
    expect(await terminal.end()).toEqual({ ...clean, code: 143 });
  });
});

describe('the browser', () => {
  it('is opened with the page and without our secrets where there is a desktop', async () => {
    const bin = join(user.folder, 'bin');
    const log = join(user.folder, 'opened');
    await mkdir(bin);
    await writeFile(
      join(bin, 'xdg-open'),
      `#!/bin/sh\n{ echo "$@"; env; } > ${log}.part; mv ${log}.part ${log}\n`,
    );
    await chmod(join(bin, 'xdg-open'), 0o755);
    const desktop = {
      ...user.withApp,
      PATH: `${bin}:${process.env['PATH']}`,
      DISPLAY: ':99',
      YADISKFS_TOKEN: 'y0_geheim',
    };
    terminal = await atTerminal(desktop, 'setup');
    await terminal.shows('should open in your browser');
    await expect.poll(() => readFile(log, 'utf8').catch(() => '')).toMatch(/^https:\/\/ya\.ru\/device\n/);
    expect(await readFile(log, 'utf8')).not.toMatch(/geheim|stand-in-secret/);
    terminal.type(ctrlC);
    expect(await terminal.end()).toEqual(clean);
  });

  it.each([
    ['there is no desktop', {}],
    ['there is none to open it with', { DISPLAY: ':99', PATH: '/nonexistent' }],
  ])('is not missed when %s', async (_, changes) => {
    user.disk.control.set({ deviceAutoApproveAfterPolls: 1 });
    terminal = await atTerminal({ ...user.withApp, ...changes }, 'setup');
    expect(await endWithoutMount()).toMatchObject({ code: 0 });
  });
});

it('what was stored works', async () => {
  user.disk.control.set({ deviceAutoApproveAfterPolls: 0 });
  await setup(user.withApp);
  expect(await endWithoutMount()).toMatchObject({ code: 0 });
  expect(await finish(user.environment, 'info')).toMatchObject({ code: 0 });
});

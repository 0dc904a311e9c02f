import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EnclosedDisk } from './enclosed-disk.ts';
import { Namespace } from './namespace.ts';
import { requirePrograms, run } from './programs.ts';

const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** A program of Node's that may import our sources. */
function script(text: string): [string, ...string[]] {
  const lines = [
    `import { EnclosedDisk } from '${new URL('enclosed-disk.ts', import.meta.url).href}';`,
    `import { Namespace } from '${new URL('namespace.ts', import.meta.url).href}';`,
    text,
  ];
  return [process.execPath, '--import', tsx, '--input-type=module', '-e', lines.join('\n')];
}

/** How many processes have a text in their command line. */
async function processesNaming(text: string): Promise<number> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')));
  return lines.filter((line) => line.includes(text)).length;
}

describe('a Disk in a namespace of its own', () => {
  let disk: EnclosedDisk;

  beforeAll(async () => {
    disk = await EnclosedDisk.open();
  });
  afterAll(() => disk.close());

  /** Runs some JavaScript inside. @returns what it printed. */
  async function inside(text: string, trusting = true): Promise<string> {
    const { stdout, stderr } = await disk.namespace.run(
      [process.execPath, '--input-type=module', '-e', text],
      {
        env: trusting ? { NODE_EXTRA_CA_CERTS: disk.certificates.caFile } : {},
      },
    );
    return stdout + stderr;
  }

  it('answers under the real names to whoever trusts its authority, and to nobody else', async () => {
    const ask = `
      for (const url of ['https://cloud-api.yandex.net/v1/disk/', 'https://oauth.yandex.com/token'])
        console.log(await fetch(url).then(({ status }) => status, ({ cause }) => cause.code));`;
    expect(await inside(ask)).toBe('401\n404\n');
    expect(await inside(ask, false)).toBe(
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE\nUNABLE_TO_VERIFY_LEAF_SIGNATURE\n',
    );
  });

  it('gives out addresses of the real form', async () => {
    const headers = JSON.stringify({ authorization: `OAuth ${disk.token}` });
    const printed = await inside(`
      const url = 'https://cloud-api.yandex.net/v1/disk/resources/upload?path=disk:/a';
      console.log((await (await fetch(url, { headers: ${headers} })).json()).href);`);
    // Recorded: the port is named although it is the usual one.
    expect(printed).toMatch(
      /^https:\/\/uploader(\d+[a-z])\.disk\.yandex\.net:443\/upload-target\/\S+-k\1\.\d+\n$/,
    );
  });

  it('lets nothing out, and changes nothing outside', async () => {
    const ask = `
      import { lookup } from 'node:dns/promises';
      import { connect } from 'node:net';
      console.log(await lookup('yandex.ru').catch(({ code }) => code));
      connect(443, '192.0.2.1').on('error', ({ code }) => console.log(code));`;
    expect(await inside(ask)).toMatch(/^(EAI_AGAIN|ENOTFOUND)\nENETUNREACH\n$/);
    expect(await readFile('/proc/self/mountinfo', 'utf8')).not.toContain(disk.folder);
    expect(await readFile('/etc/hosts', 'utf8')).not.toContain('cloud-api.yandex.net');
  });

  it('stands beside another on the same port', async () => {
    const other = await EnclosedDisk.open();
    try {
      await other.control.post('put', { path: 'disk:/other', text: 'x' });
      expect([...(await other.control.beneath('disk:')).keys()]).toEqual(['other']);
      expect((await disk.control.tree()).entries).toEqual([]);
    } finally {
      await other.close();
    }
  });

  it('is gone when whoever opened it was killed', async () => {
    const [command, ...args] = script(`
      const disk = await EnclosedDisk.open();
      console.log(disk.folder);
      setInterval(() => {}, 1000);`);
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const folder = String((await once(child.stdout, 'data'))[0]).trim();
    try {
      expect(await processesNaming(folder)).not.toBe(0);
      child.kill('SIGKILL');
      for (let tries = 0; (await processesNaming(folder)) > 0 && tries < 100; tries++) await sleep(50);
      expect(await processesNaming(folder)).toBe(0);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('where something is missing, it is said what', () => {
  it('programs, with the packages that bring them', () => {
    const path = process.env['PATH'];
    process.env['PATH'] = '/nowhere';
    try {
      expect(() => requirePrograms('rclone', 'nsenter')).toThrow(
        'not installed: rclone, nsenter. To install them: apt-get install rclone util-linux',
      );
    } finally {
      process.env['PATH'] = path;
    }
  });

  it('rights', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'yadiskfs-test-'));
    const open = script(`
      const opened = await Namespace.open('${folder}', []).catch((error) => console.log(error.message));
      await opened?.close();`);
    // Who is not root may still have the right to a user namespace, and then nothing is said.
    const isRoot = process.geteuid?.() === 0;
    const [command = '', ...args] = [...(isRoot ? ['setpriv', '--bounding-set=-sys_admin'] : []), ...open];
    const { stdout, stderr } = await run([command, ...args]);
    await rm(folder, { recursive: true });
    expect(stderr).toBe('');
    if (isRoot || stdout !== '') {
      expect(stdout).toMatch(/^no namespace .* can be made here: .* Root can make one/);
    }
  });

  it('a namespace ends with its folder untouched', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'yadiskfs-test-'));
    const namespace = await Namespace.open(folder, ['example.test']);
    const { stdout } = await namespace.run(['cat', '/etc/hosts']);
    expect(stdout).toBe('127.0.0.1 localhost\n127.0.0.1 example.test\n');
    await namespace.close();
    await access(join(folder, 'hosts'));
    await rm(folder, { recursive: true });
  });
});

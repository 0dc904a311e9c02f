import { setMaxListeners } from 'node:events';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askMount } from '../../src/daemon/control-client.ts';
import { longestRequestBytes } from '../../src/daemon/control-messages.ts';
import { ControlServer } from '../../src/daemon/control-server.ts';
import { withShortAddress } from '../../src/daemon/control-socket.ts';
import { Failure } from '../../src/errors.ts';
import { listening, ScriptedControl, someQueue, statusOf, talk } from './scripted-control.ts';

const never = new AbortController().signal;
setMaxListeners(0, never);

describe('a control socket', () => {
  let served: Awaited<ReturnType<typeof listening>>;

  beforeEach(async () => {
    served = await listening();
  });

  afterEach(() => served.close());

  it('answers each request, many at once', async () => {
    const { mount, control } = served;
    control.current = statusOf('/mnt/disk', {
      unsent: [{ path: 'a', code: 'refused', message: 'no', since: '2026-11-26T10:00:00.000Z' }],
    });
    const asked = Array.from({ length: 40 }, () => askMount(mount, { command: 'status' }, { signal: never }));
    for (const status of await Promise.all(asked)) expect(status).toEqual(control.current);
    expect(await askMount(mount, { command: 'retry', places: ['a', 'b'] }, { signal: never })).toEqual({
      retried: 1,
    });
    expect(await askMount(mount, { command: 'discard', place: 'a' }, { signal: never })).toEqual({});
    expect(await askMount(mount, { command: 'export', folder: '/out' }, { signal: never })).toEqual({
      files: ['/out/a'],
    });
    expect(control.calls).toEqual(['retry a,b', 'discard a', 'export /out']);
  });

  it('passes on what fails, with all that it says', async () => {
    const { mount, control } = served;
    await expect(
      askMount(mount, { command: 'discard', place: 'nothing' }, { signal: never }),
    ).rejects.toMatchObject({
      code: 'not-found',
      path: 'nothing',
      message: expect.stringContaining('nothing'),
    });
    const flushed = askMount(mount, { command: 'flush', places: [] }, { signal: never });
    await expect.poll(() => control.waiting).toBe(1);
    control.endFlushes(new Failure('no-space', 'The Disk is full', { hint: 'Empty the trash.' }));
    await expect(flushed).rejects.toMatchObject({
      code: 'no-space',
      message: 'The Disk is full',
      hint: 'Empty the trash.',
    });
    expect(served.faults).toEqual([]);
  });

  it('tells mistakes of the program from failures, and goes on', async () => {
    const { mount, control, faults } = served;
    control.retry = () => {
      throw new TypeError('cannot read properties of undefined');
    };
    await expect(askMount(mount, { command: 'retry', places: [] }, { signal: never })).rejects.toMatchObject({
      code: 'local',
      message: expect.stringContaining('cannot read properties'),
    });
    expect(faults).toEqual([expect.any(TypeError)]);
    expect(await askMount(mount, { command: 'status' }, { signal: never })).toEqual(control.current);
  });

  it('tells of progress while a flush waits', async () => {
    const { mount, control } = served;
    const heard: unknown[] = [];
    const flushed = askMount(
      mount,
      { command: 'flush', places: ['a'] },
      { signal: never, onProgress: (queue) => heard.push(queue) },
    );
    await expect.poll(() => heard).toEqual([someQueue]);
    control.endFlushes();
    expect(await flushed).toEqual({});
    expect(control.calls).toEqual(['flush a']);
  });

  it('gives up what a client asked for when the client goes', async () => {
    const { mount, control } = served;
    const leaving = new AbortController();
    const flushed = askMount(mount, { command: 'flush', places: [] }, { signal: leaving.signal });
    await expect.poll(() => control.waiting).toBe(1);
    leaving.abort(new Failure('timed-out', 'too long'));
    await expect(flushed).rejects.toMatchObject({ code: 'timed-out' });
    await expect
      .poll(() => control.calls)
      .toEqual(['flush ', 'flush failed: The command that asked has gone']);
    // One that only stops to talk has gone too.
    const socket = connect(mount.socket);
    socket.write('{"version":1,"command":"flush","places":["b"]}\n');
    await expect.poll(() => control.calls.at(-1)).toBe('flush b');
    socket.end();
    await expect.poll(() => control.calls.at(-1)).toContain('has gone');
    expect(served.faults).toEqual([]);
  });

  it.each([
    ['no JSON', 'GET / HTTP/1.1\r\n', 'invalid'],
    ['bytes', '\0\xff\xfe\n', 'invalid'],
    ['no object', '"status"\n', 'invalid'],
    ['no version', '{"command":"status"}\n', 'invalid'],
    ['another version', '{"version":2,"command":"status"}\n', 'unsupported'],
    ['an unknown command', '{"version":1,"command":"format"}\n', 'invalid'],
    ['another shape', '{"version":1,"command":"flush","places":"all"}\n', 'invalid'],
    ['a folder that is relative', '{"version":1,"command":"export","folder":"out"}\n', 'invalid'],
  ])('refuses %s, and goes on', async (_, bytes, code) => {
    const { mount, control } = served;
    expect(JSON.parse(await talk(mount.socket, bytes))).toMatchObject({
      version: 1,
      kind: 'failed',
      error: { code, message: expect.any(String) },
    });
    expect(control.calls).toEqual([]);
    expect(await askMount(mount, { command: 'status' }, { signal: never })).toEqual(control.current);
  });

  it('refuses a line without an end before it has piled up, and does one request a connection', async () => {
    const { mount, control } = served;
    const endless = `{"version":1,"command":"discard","place":"${'x'.repeat(longestRequestBytes)}`;
    // Cut off while it talks, it may not have heard the answer any more.
    expect(['', 'failed']).toContain(
      (await talk(mount.socket, endless)).replace(/.*"kind":"(\w+)".*\n/s, '$1'),
    );
    await talk(mount.socket, '{"version":1,"command":"retry","places":[]}\n'.repeat(3));
    expect(control.calls).toEqual(['retry ']);
  });

  it('is for its owner alone', async () => {
    expect((await stat(served.mount.socket)).mode & 0o7777).toBe(0o600);
  });

  it('takes the place of what a killed process left, and of another that listens', async () => {
    const { mount, folder } = served;
    const other = new ScriptedControl(statusOf('/mnt/other'));
    const next = await ControlServer.listen(mount.socket, other, () => {});
    try {
      expect(await askMount(mount, { command: 'status' }, { signal: never })).toMatchObject({
        mountpoint: '/mnt/other',
      });
      expect(await readdir(folder)).toEqual(['control.sock']);
    } finally {
      next.close();
    }
    // Nobody listens now, and the file is still there.
    await expect(askMount(mount, { command: 'status' }, { signal: never })).rejects.toMatchObject({
      code: 'local',
      message: expect.stringContaining('is gone'),
      hint: expect.stringContaining('Mount it again'),
    });
    await writeFile(`${mount.socket}.${process.pid}`, 'left half way');
    const last = await ControlServer.listen(mount.socket, other, () => {});
    expect(await askMount(mount, { command: 'status' }, { signal: never })).toMatchObject({
      mountpoint: '/mnt/other',
    });
    last.close();
  });

  it('tells those who wait that the mount has ended', async () => {
    const { mount, control } = served;
    const flushed = askMount(mount, { command: 'flush', places: [] }, { signal: never });
    await expect.poll(() => control.waiting).toBe(1);
    await Promise.all([
      expect(flushed).rejects.toMatchObject({ code: 'aborted', message: 'The mount has ended' }),
      served.close(),
    ]);
    await expect.poll(() => control.calls.at(-1)).toContain('has gone');
  });

  it('lies in a folder whose path is longer than the address of a socket', async () => {
    const folder = join(served.folder, ...Array.from({ length: 12 }, () => 'a rather long name'));
    await mkdir(folder, { recursive: true });
    const file = join(folder, 'control.sock');
    expect(file.length).toBeGreaterThan(200);
    const far = await listening(file);
    try {
      expect(await askMount(far.mount, { command: 'status' }, { signal: never })).toEqual(
        far.control.current,
      );
      expect(await readdir(folder)).toEqual(['control.sock']);
    } finally {
      await far.close();
    }
  });
});

describe('a client', () => {
  it.each([
    ['no JSON', 'hello\n', 'nonsense'],
    ['another shape', '{"version":1,"kind":"done","result":{"retried":"many"}}\n', 'nonsense'],
    ['an end without an answer', '', 'local'],
  ])('does not believe %s', async (_, bytes, code) => {
    const served = await listening();
    const file = join(served.folder, 'odd.sock');
    const server = createServer((socket) => socket.end(bytes));
    await withShortAddress(file, (address) => new Promise<void>((done) => server.listen(address, done)));
    try {
      await expect(
        askMount({ ...served.mount, socket: file }, { command: 'retry', places: [] }, { signal: never }),
      ).rejects.toMatchObject({ code });
    } finally {
      server.close();
      await served.close();
    }
  });
});

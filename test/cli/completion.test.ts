import { execFile, spawn, spawnSync } from 'node:child_process';
import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completionText } from '../../src/cli/completion-answers.ts';
import { completionOption } from '../../src/cli/parser-rules.ts';
import { privateEnvironment, program, testFolder, yadiskfs } from '../mount/mounted-disk.ts';

const run = promisify(execFile);
const isThere = (shell: string) => spawnSync(shell, ['-c', 'exit 0']).status === 0;

describe('the completion of what is typed', { timeout: 180_000 }, () => {
  let folder: string;
  let environment: NodeJS.ProcessEnv;

  beforeAll(async () => {
    folder = await testFolder();
    // Nobody is logged in, and nothing answers.
    const { YADISKFS_TOKEN: _, ...nobody } = privateEnvironment(folder, {
      apiUrl: 'http://127.0.0.1:1/v1/disk',
      token: '',
    });
    const bin = join(folder, 'bin');
    await mkdir(bin);
    // Tells what the shell has made of a line, instead of doing it.
    const tell = `case $1 in ${completionOption} | completion) exec '${process.execPath}' '${program}' "$@" ;; esac`;
    await writeFile(join(bin, 'yadiskfs'), `#!/bin/sh\n${tell}\nprintf 'typed='; printf '<%s>' "$@"; echo\n`);
    await chmod(join(bin, 'yadiskfs'), 0o755);
    environment = {
      ...nobody,
      PATH: `${bin}:${process.env['PATH']}`,
      LC_ALL: 'C.UTF-8',
      SHELL: '/bin/sh',
      TERM: 'dumb',
    };
    await mkdir(join(folder, 'files/Мои фото'), { recursive: true });
    await writeFile(join(folder, "files/it's $5.txt"), '');
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  const offered = async (words: readonly string[]) =>
    (await completionText(['yadiskfs', ...words], environment)).split('\n').slice(0, -1);

  it('offers what may come, and nothing where a path may', async () => {
    for (const [words, found] of [
      [['um'], ['umount']],
      [['--he'], ['--help']],
      [['nothing-like-it', ''], []],
      [
        ['trash', ''],
        ['list', 'restore', 'remove', 'empty'],
      ],
      [
        ['trash', 're'],
        ['restore', 'remove'],
      ],
      [['trash', 'nothing-like-it', ''], []],
      [['trash', 'restore', '--ov'], ['--overwrite']],
      [
        ['trash', 'empty', '-'],
        ['--account', '--json', '--yes', '--help', '--version'],
      ],
      [['publish', ''], []],
      [['publish', 'disk:/'], []],
      [['pin', 'one', ''], []],
      // Where no path may, either, options do.
      [
        ['umount', 'Disk', ''],
        ['--json', '--wait', '--force', '--help', '--version'],
      ],
      [
        ['umount', '--json', '--wait', 'Disk', '--'],
        ['--force', '--help', '--version'],
      ],
      [['umount', '--', '--'], []],
      [
        ['mount', '--de'],
        ['--desktop-trash', '--delete'],
      ],
      [['mount', '--delete'], ['--delete']],
      [
        ['mount', '--delete', ''],
        ['trash', 'permanently'],
      ],
      [['mount', '--delete', 'p'], ['permanently']],
      [['mount', '--delete=p'], ['--delete=permanently']],
      [['mount', '--cache-size', ''], []],
      // The last item of a list: its name, with `=` where a value comes behind it, or its value.
      [
        ['mount', '-o', 'de'],
        ['delete=', 'desktop-trash='],
      ],
      [['mount', '-o', 'root=/a,read'], ['root=/a,read-only']],
      [['service', 'install', 'Disk', '-o', 'delete=trash,de'], ['delete=trash,desktop-trash=']],
      [
        ['mount', 'Disk', '-o', 'ro,desktop_trash='],
        ['ro,desktop_trash=allow', 'ro,desktop_trash=refuse'],
      ],
      [['mount', '-o', 'log-level=si'], ['log-level=silent']],
      [['mount', '-o', 'cache-size='], []],
      [['mount', '-o', 'nothing-like-it='], []],
      [['files', '--type', 'im'], ['image']],
      [['recent', '--type=image,vi'], ['--type=image,video']],
      [['files', '--type', 'video,vi'], []],
      [
        ['published', '--type', ''],
        ['file', 'folder'],
      ],
      [['mount', '--cache-size', '1G', ''], []],
      [['completion', 'f'], ['fish']],
    ] as const)
      expect([words, (await offered(words)).sort()]).toEqual([words, [...found].sort()]);
    expect((await offered([''])).length).toBeGreaterThan(25);
  });

  it('offers the logins that are stored', async () => {
    expect(await offered(['info', '--account', ''])).toEqual([]);
    await mkdir(join(folder, 'config/accounts'), { recursive: true });
    for (const name of ['default.json', 'work.json', '.work.lock'])
      await writeFile(join(folder, 'config/accounts', name), 'not looked into');
    expect(await offered(['info', '--account', ''])).toEqual(['default', 'work']);
    expect(await offered(['info', '--account=w'])).toEqual(['--account=work']);
    expect(await offered(['mount', 'Disk', '-o', 'ro,account=w'])).toEqual(['ro,account=work']);
  });

  it('tells what words mean, where the shell shows that, in the language of the locale', async () => {
    const asked = (more: NodeJS.ProcessEnv, ...words: string[]) =>
      yadiskfs({ ...environment, ...more }, completionOption, 'yadiskfs', ...words);
    for (const [more, words, stdout] of [
      [{ SHELL: '/usr/bin/fish' }, ['umo'], 'umount\tTake a mount away\n'],
      [{ SHELL: 'zsh' }, ['umo'], 'umount:Take a mount away\n'],
      [{ SHELL: 'zsh', LC_ALL: 'ru_RU.UTF-8' }, ['info', '--he'], '--help:Показать эту справку\n'],
    ] as const)
      expect(await asked(more, ...words)).toEqual({ code: 0, stdout, stderr: '' });
  });

  /** Lines are typed at one interactive shell, each with a `⇥` for the key. @returns what the program is given by each */
  const typedAt = async (shell: string, prepare: string, typed: readonly string[]): Promise<string[]> => {
    const child = spawn('/usr/bin/script', ['-qec', shell, '/dev/null'], {
      env: environment,
      cwd: join(folder, 'files'),
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let screen = '';
    let onMore = () => {};
    child.stdin.on('error', () => {});
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      screen += chunk;
      onMore();
    });
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
    /** Types, and waits for what is to come on the screen then. */
    const answer = (text: string, wanted: RegExp) =>
      new Promise<string>((resolve, reject) => {
        screen = '';
        onMore = () => {
          const found = wanted.exec(screen);
          if (found) resolve(found[1] ?? '');
        };
        void ended.then(() => reject(new Error(`The shell ended:\n${screen}`)));
        child.stdin.write(text);
      });
    try {
      await answer(`${prepare}; echo rea''dy\n`, /^ready\r/m);
      const told: string[] = [];
      for (const line of typed) told.push(await answer(`${line.replaceAll('⇥', '\t')}\r`, /^typed=(.*)\r/m));
      return told;
    } finally {
      // The shell goes with its terminal.
      child.kill('SIGKILL');
      await ended;
    }
  };

  const lines = {
    'yadiskfs umo⇥': '<umount>',
    'yadiskfs trash res⇥': '<trash><restore>',
    'yadiskfs mount --delete p⇥': '<mount><--delete><permanently>',
    'yadiskfs mount --delete=p⇥': '<mount><--delete=permanently>',
    // No blank comes behind what wants a value.
    'yadiskfs mount -o ro,dele⇥p⇥': '<mount><-o><ro,delete=permanently>',
    'yadiskfs mount -o log-lev⇥silent': '<mount><-o><log-level=silent>',
    'yadiskfs files --type image,vi⇥': '<files><--type><image,video>',
    'yadiskfs publish Мо⇥': '<publish><Мои фото/>',
    'yadiskfs publish it⇥': "<publish><it's $5.txt>",
    'yadiskfs mount --log-file=it⇥': "<mount><--log-file=it's $5.txt>",
    // Not /etc of this machine.
    'yadiskfs publish disk:/et⇥': '<publish><disk:/et>',
  };

  it('works in bash', async () => {
    const told = await typedAt(
      'bash --norc --noprofile -i',
      'source <(yadiskfs completion bash)',
      Object.keys(lines),
    );
    expect(told).toEqual(Object.values(lines));
  });

  it.skipIf(!isThere('zsh'))('works in zsh', async () => {
    const begin = 'autoload -U compinit; compinit -u -D';
    const told = await typedAt(
      'zsh -f -i',
      `${begin}; source <(yadiskfs completion zsh)`,
      Object.keys(lines),
    );
    // It takes the slash away again that it has put behind a folder.
    expect(told).toEqual(Object.values(lines).map((typed) => typed.replace('/>', '>')));
    // As a package brings it.
    const { stdout } = await yadiskfs(environment, 'completion', 'zsh');
    await mkdir(join(folder, 'zsh'));
    await writeFile(join(folder, 'zsh/_yadiskfs'), stdout);
    expect(await typedAt('zsh -f -i', `fpath=(../zsh $fpath); ${begin}`, ['yadiskfs umo⇥'])).toEqual([
      '<umount>',
    ]);
  });

  it.skipIf(!isThere('fish'))('works in fish', async () => {
    const complete = async (line: string) => {
      const script = 'yadiskfs completion fish | source; complete -C $argv[1]';
      const { stdout } = await run('fish', ['--no-config', '-c', script, line], {
        env: environment,
        cwd: join(folder, 'files'),
      });
      return stdout.split('\n').slice(0, -1);
    };
    expect(await complete('yadiskfs umo')).toEqual(['umount\tTake a mount away']);
    expect(await complete('yadiskfs mount --delete ')).toEqual(['permanently', 'trash']);
    expect(await complete('yadiskfs mount --delete=p')).toEqual(['--delete=permanently']);
    expect(await complete('yadiskfs mount -o ro,delete=p')).toEqual(['ro,delete=permanently']);
    expect(await complete('yadiskfs mount -o ro,dele')).toEqual([expect.stringMatching('^ro,delete=\t.')]);
    expect(await complete('yadiskfs publish ')).toEqual(await readdirShown(join(folder, 'files')));
    expect(await complete('yadiskfs publish Мо')).toEqual(['Мои фото/']);
    expect(await complete('yadiskfs mount --log-file=it')).toEqual(["--log-file=it's $5.txt"]);
    expect(await complete('yadiskfs publish disk:/et')).toEqual([]);
  });

  it('has a script for each shell', async () => {
    expect((await yadiskfs(environment, 'completion', 'zsh')).stdout).toContain('#compdef yadiskfs');
    expect((await yadiskfs({ ...environment, SHELL: '/usr/bin/fish' }, 'completion')).stdout).toContain(
      'complete -c yadiskfs',
    );
    expect(await yadiskfs(environment, 'completion', 'tcsh')).toMatchObject({ code: 2 });
  });
});

async function readdirShown(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.map((entry) => `${entry.name}${entry.isDirectory() ? '/' : ''}`).sort();
}

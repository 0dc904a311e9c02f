import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ru } from '../../src/words/ru.ts';
import { atTerminal, ctrlC } from '../auth/terminal.ts';
import { privateEnvironment, testFolder, yadiskfs } from '../mount/mounted-disk.ts';

describe('the command line', { timeout: 180_000 }, () => {
  let folder: string;
  let environment: NodeJS.ProcessEnv;

  beforeAll(async () => {
    folder = await testFolder();
    environment = privateEnvironment(folder, { apiUrl: 'http://127.0.0.1:1/v1/disk', token: 'TOKEN' });
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('tells what is wrong, and what may have been meant', async () => {
    for (const [args, english, russian] of [
      [['statsu'], 'Unknown command: statsu\n  Did you mean status?', 'Такой команды нет: statsu'],
      // Near words alone are named, and those of other programs.
      [['foo'], 'Unknown command: foo\n  yadiskfs --help shows commands', 'Такой команды нет: foo'],
      [['login'], 'Unknown command: login\n  Did you mean setup?', 'Может быть, setup?'],
      [['trash', 'zzzz'], 'Unknown command: zzzz\n  yadiskfs trash --help', 'Такой команды нет: zzzz'],
      [
        ['info', 'foo'],
        'Unknown argument: foo\n  yadiskfs info --help',
        'Параметры покажет yadiskfs info --help.',
      ],
      [['trash', 'lst'], 'Unknown command: lst\n  Did you mean list?', 'Может быть, list?'],
      [
        ['trash', 'restore', 'x', '--ovrewrite'],
        'Unknown argument: ovrewrite\n  Did you mean --overwrite?',
        'Может быть, --overwrite?',
      ],
      [
        ['mount', '/x', '--readonly'],
        'Unknown argument: readonly\n  Did you mean --read-only?',
        'Может быть, --read-only?',
      ],
      [
        ['files', '--nothing-like-it'],
        'Unknown argument: nothing-like-it\n  yadiskfs files --help shows its options.',
        'Параметры покажет yadiskfs files --help.',
      ],
      [['unsent'], 'list, retry, export or discard?', 'list, retry, export или discard?'],
      [['--nothing-like-it'], 'Which command? See yadiskfs --help', 'Какая команда?'],
      [['mount'], 'Something is missing: yadiskfs mount <dir>', 'Чего-то не хватает: yadiskfs mount <dir>'],
      [
        // Else it would be the folder that one is in.
        ['publish', ''],
        'path is empty: yadiskfs publish <path>',
        'Вместо path — пустая строка: yadiskfs publish <path>',
      ],
      [
        // Rounded, it would be no limit at all.
        ['limit', '--up', '0.5'],
        '--up is less than a byte: "0.5"',
        '--up: меньше одного байта: «0.5»',
      ],
      [['mount', ''], 'dir is empty: yadiskfs mount <dir>', 'Вместо dir — пустая строка'],
      [['pin', 'disk:/a', ''], 'paths is empty: yadiskfs pin <paths..>', 'Вместо paths — пустая строка'],
      [
        ['trash', 'restore', ''],
        'item is empty: yadiskfs trash restore <item>',
        'Вместо item — пустая строка',
      ],
      [['info', '--', '--x'], 'Unknown argument: --x', 'Такого параметра нет: --x'],
      [
        ['trash', 'restore'],
        'Something is missing: yadiskfs trash restore <item>\n  yadiskfs trash restore --help shows its options.',
        'Параметры покажет yadiskfs trash restore --help.',
      ],
      [
        ['published', '--type', 'dir'],
        '--type must be one of file, folder, not "dir"',
        '--type: можно file, folder, а не «dir»',
      ],
      [
        ['completion', 'csh'],
        'shell must be one of bash, zsh, fish, not "csh"',
        'shell: можно bash, zsh, fish, а не «csh»',
      ],
      // To a parser of options every word but one is a no.
      [
        ['mount', folder, '-o', 'read_only=yes'],
        '--read-only must be one of true, false, not "yes"',
        '--read-only: можно true, false, а не «yes»',
      ],
      [['status', '--json=1'], '--json must be one of true, false', '--json: можно true, false, а не «1»'],
      [
        ['mount', folder, '-o', 'nonsense'],
        'No such mount option: nonsense\n  yadiskfs mount --help shows its options.',
        'Такого параметра подключения нет: nonsense',
      ],
      // Without its value it would be all of the Disk.
      [['mount', folder, '-o', 'ro,root'], '--root wants a value', 'После --root нужно значение'],
      [
        ['mount', folder, '--metrics', '99999'],
        '--metrics must be a port: at most 65535, or 0 for one that is free',
        'Для --metrics нужен порт: не больше 65535, или 0, чтобы взять свободный',
      ],
    ] as const) {
      const { code, stdout, stderr } = await yadiskfs(environment, ...args);
      expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining(`yadiskfs: ${english}`)]);
      const lines = stderr.replace('yadiskfs: ', '').split('\n');
      expect(lines.map((line) => ru.sentence(line)).join('\n')).toContain(russian);
    }
  });

  it('takes what follows -- for no option, whatever it begins with', async () => {
    const noMount = (name: string) =>
      expect.stringContaining(`"No Disk is mounted at ${join(process.cwd(), name)}"`);
    for (const [args, name] of [
      [['publish', '--json', '--', 'plain'], 'plain'],
      [['publish', '--json', '--', '-rf'], '-rf'],
      [['link', '--json', '--', '--help'], '--help'],
      [['pin', '--json', '--', '-rf', 'plain'], '-rf'],
      [['pin', '--json', 'plain', '--', '-rf'], 'plain'],
      // Without it, they would be about all mounts.
      [['pause', '--json', '--', '--json'], '--json'],
      [['flush', '--json', '--', '--'], '--'],
      [['--', 'status', '/nowhere'], undefined],
    ] as const) {
      const stderr = name === undefined ? expect.stringContaining('/nowhere') : noMount(name);
      expect(await yadiskfs(environment, ...args)).toMatchObject({ code: 1, stdout: '', stderr });
    }
  });

  it('leads to setup where nothing is set up', async () => {
    const { YADISKFS_TOKEN: _, ...nothing } = environment;
    expect(await yadiskfs(nothing)).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('yadiskfs setup'),
    });
    const terminal = await atTerminal(nothing);
    try {
      await terminal.shows('oauth.yandex.ru');
      terminal.type(ctrlC);
      expect((await terminal.end()).code).toBe(130);
    } finally {
      await terminal.close();
    }
    expect(await yadiskfs(environment)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Which command?'),
    });
  });
});

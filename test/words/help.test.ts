import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { CommandModule } from 'yargs';
import yargs from 'yargs';
import { ru } from '../../src/words/ru.ts';
import { englishLeft } from './english-left.ts';

const folder = join(import.meta.dirname, '../../src/cli');

/* The commands anew, as they are where the locale is Russian. */
describe('the help, in Russian', { timeout: 120_000 }, () => {
  const locale = process.env['LC_ALL'];
  let commands: CommandModule[];

  beforeAll(async () => {
    process.env['LC_ALL'] = 'ru_RU.UTF-8';
    vi.resetModules();
    commands = [];
    for (const file of (await readdir(folder)).filter((name) => name !== 'main.ts')) {
      const exported: Record<string, unknown> = await import(join(folder, file));
      for (const [name, value] of Object.entries(exported))
        if (name.endsWith('Command')) commands.push(value as CommandModule);
    }
  });

  afterAll(() => {
    process.env['LC_ALL'] = locale;
    vi.resetModules();
  });

  const helpOf = async (command: CommandModule, words: readonly string[]): Promise<string> => {
    let text = '';
    await yargs()
      .scriptName('yadiskfs')
      .usage(ru.help.usage)
      .updateStrings(ru.help.headings)
      .wrap(null)
      .exitProcess(false)
      .command(command)
      .parseAsync([...words, '--help'], {}, (_error, _args, output) => {
        text = output;
      });
    return text;
  };

  it('holds no English sentence, for any command and what is beneath it', async () => {
    const seen: string[] = [];
    const look = async (command: CommandModule, words: readonly string[]): Promise<void> => {
      const help = await helpOf(command, words);
      seen.push(words.join(' '));
      expect(help).toContain('Показать эту справку');
      for (const line of help.split('\n')) {
        // The last lines of `completion` are for the shell.
        if (/^ *(bash|zsh|fish): /.test(line)) continue;
        expect([words.join(' '), englishLeft(line.replace(/^ +(?:-\w, )?[\w-]+ {2,}/, ''))]).toEqual([
          words.join(' '),
          '',
        ]);
        const described = /^ +(?:-\w, )?(--[\w-]+|[\w-]+) {2,}(.*)$/.exec(line)?.[2];
        if (described !== undefined && !described.startsWith('http'))
          expect([line, described.replace(/\[[^\]]*\]/g, '')]).toEqual([
            line,
            expect.stringMatching(/\p{Script=Cyrillic}/u),
          ]);
      }
      const beneath = new RegExp(`^ +yadiskfs ${words.join(' ')} ([a-z][\\w-]*)`, 'gm');
      for (const [, word = ''] of help.matchAll(beneath)) await look(command, [...words, word]);
    };
    for (const command of commands) await look(command, [String(command.command).split(' ')[0] ?? '']);
    expect(seen).toContain('mount');
    expect(seen).toContain('trash restore');
    expect(seen).toContain('unsent discard');
    expect(seen.length).toBeGreaterThan(40);
  });
});

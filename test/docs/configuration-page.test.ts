import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, it, vi } from 'vitest';
import yargs, { type CommandModule } from 'yargs';
import { parserRules } from '../../src/cli/parser-rules.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = await readFile(join(root, 'docs/configuration.md'), 'utf8');

/** All that src/cli has; in this process, since fifty starts of the program take a minute. */
async function commandModules(): Promise<readonly CommandModule[]> {
  const found: CommandModule[] = [];
  for (const name of await readdir(join(root, 'src/cli'))) {
    const text = await readFile(join(root, 'src/cli', name), 'utf8');
    if (!/^export const \w+Command\b/m.test(text)) continue;
    const exported = Object.entries(await import(pathToFileURL(join(root, 'src/cli', name)).href));
    for (const [key, value] of exported) if (key.endsWith('Command')) found.push(value as CommandModule);
  }
  return found;
}

async function helpOf(command: CommandModule, ...words: string[]): Promise<string> {
  const printed = vi.spyOn(console, 'log').mockImplementation(() => {});
  try {
    return await yargs([nameOf(command), ...words, '--help'])
      .scriptName('yadiskfs')
      .parserConfiguration(parserRules)
      .command(command)
      .exitProcess(false)
      .wrap(null)
      .getHelp();
  } finally {
    printed.mockRestore();
  }
}

const nameOf = ({ command }: CommandModule) => String(command).split(' ')[0] ?? '';

const optionsIn = (text: string) =>
  [...text.matchAll(/^ +(?:-\w, +)?--([a-z][a-z-]*)/gm)].map(([, name = '']) => name);

/** Commands in the help of a command. */
const commandsIn = (text: string, name: string) =>
  [...text.matchAll(new RegExp(`^ {2}yadiskfs ${name} ([a-z-]+)`, 'gm'))].map(([, inner = '']) => inner);

it('docs/configuration.md names every option of every command, and none that is not there', async () => {
  const there = new Set<string>();
  const modules = await commandModules();
  expect(modules.length).toBeGreaterThan(25);
  for (const module of modules) {
    const text = await helpOf(module);
    for (const option of optionsIn(text)) there.add(option);
    for (const inner of commandsIn(text, nameOf(module)))
      for (const option of optionsIn(await helpOf(module, inner))) there.add(option);
  }
  expect(there.size).toBeGreaterThan(35);
  const named = new Set([...page.matchAll(/`--([a-z][a-z-]*)`/g)].map(([, name = '']) => name));
  expect([...there].filter((option) => !named.has(option))).toEqual([]);
  expect([...named].filter((option) => !there.has(option))).toEqual([]);
}, 60_000);

it('docs/configuration.md has the defaults of mount', async () => {
  const mount = (await commandModules()).find((command) => nameOf(command) === 'mount');
  if (!mount) throw new Error('There is no mount');
  const text = await helpOf(mount);
  const defaults = new Map(
    text
      .split(/\n(?= +--)/)
      .map((entry) => [optionsIn(entry)[0] ?? '', /\[default:\s+"([^"]+)"\]/.exec(entry)?.[1]] as const),
  );
  const rows = new Map(
    [...page.matchAll(/^\| (`--[^|]+) \| ([^|]+) \|/gm)].flatMap(([, names = '', value = '']) =>
      [...names.matchAll(/--([a-z-]+)/g)].map(([, name = '']) => [name, value] as const),
    ),
  );
  const told = [...defaults].filter(([, value]) => value !== undefined);
  expect(told.length).toBeGreaterThan(12);
  for (const [name, value] of told) expect(rows.get(name), name).toContain(`\`${value}\``);
});

it('docs/configuration.md names every variable of ours that the program reads', async () => {
  const files = await readdir(join(root, 'src'), { recursive: true });
  const read = new Set<string>();
  for (const file of files.filter((name) => name.endsWith('.ts')))
    for (const [, name = ''] of (await readFile(join(root, 'src', file), 'utf8')).matchAll(
      /['"](YADISKFS_[A-Z_]+)['"]/g,
    ))
      read.add(name);
  expect(read.size).toBeGreaterThan(8);
  expect([...read].filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ownFolders } from '../daemon/folders.ts';
import { words } from '../words/words.ts';
import { type CommandDescription, descriptionOf } from './command-descriptions.ts';
import { commands } from './commands.ts';

/**
 * What may come at the last of the words that are typed, one a line. Nothing where a path may, or what only the typist knows: shells
 * complete paths themselves. Asks nobody, neither the network nor a mount, and says nothing of mistakes: somebody is typing.
 * @param typed the program, and all words up to the one that is being typed
 */
export async function completionText(
  typed: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<string> {
  const last = typed.at(-1) ?? '';
  // Of `--name=part` the part is what is completed, and the rest stands in front of what is found.
  const [, head = '', option = ''] = /^((--[\w-]+)=)/.exec(last) ?? [];
  const current = last.slice(head.length);
  const before = [...typed.slice(1, -1), ...(head === '' ? [] : [option])];
  const separator = separatorOf(environment);
  const found = await candidates(before, current, environment);
  return found
    .filter(({ word }) => word.startsWith(current))
    .map((candidate) => `${line({ ...candidate, word: `${head}${candidate.word}` }, separator)}\n`)
    .join('');
}

interface Candidate {
  readonly word: string;
  readonly describe?: string;
}

/** What stands between a word and its meaning in the shell that asks; bash shows no meanings. Our scripts say which it is. */
function separatorOf({ SHELL: shell = '' }: NodeJS.ProcessEnv): string | undefined {
  return { fish: '\t', zsh: ':' }[basename(shell)];
}

function line({ word, describe = '' }: Candidate, separator: string | undefined): string {
  if (separator === undefined || describe === '') return word;
  return `${word.replaceAll(':', '\\:')}${separator}${describe.replace(/\s+/g, ' ')}`;
}

async function candidates(
  before: readonly string[],
  current: string,
  environment: NodeJS.ProcessEnv,
): Promise<Candidate[]> {
  const name = before.find((word) => !word.startsWith('-'));
  if (name === undefined) return current.startsWith('-') ? optionsOfAll : commandNames(current, environment);
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!load) return [];

  const rest = before.slice(before.indexOf(name) + 1);
  const { command, operands, isOptionsEnd, awaiting } = walk(descriptionOf(await load()), rest);
  if (awaiting === 'account') return (await accountNames(environment)).map((word) => ({ word }));
  if (awaiting === 'o') return mountOptionItems(current, environment);
  if (awaiting === 'type' && Object.hasOwn(commandsByKinds, name)) return kindItems(current);
  const choices = command.options.find((option) => option.name === awaiting)?.choices;
  if (choices) return choices.map((word) => ({ word }));
  const options = isOptionsEnd ? [] : freeOptions(command, rest);
  if (current.startsWith('-')) return options;
  if (command.below.length > 0)
    return operands > 0 ? [] : command.below.map(({ name, describe }) => ({ word: name, describe }));
  const last = command.positionals.at(-1);
  const operand = command.positionals[operands] ?? (last?.isMany ? last : undefined);
  // An option needs no dash to be found where nothing else can come.
  return operand ? operand.choices.map((word) => ({ word })) : options;
}

/** Where the words lead to, and what was typed there. */
function walk(top: CommandDescription, typed: readonly string[]) {
  let command = top;
  let operands = 0;
  let isOptionsEnd = false;
  let awaiting: string | undefined;
  for (const word of typed) {
    if (awaiting !== undefined) {
      awaiting = undefined;
      continue;
    }
    if (word.startsWith('-') && word.length > 1 && !isOptionsEnd) {
      const [, name] = /^--?([\w-]+)$/.exec(word) ?? [];
      isOptionsEnd = word === '--';
      awaiting = command.options.find((option) => option.takesValue && option.name === name)?.name;
      continue;
    }
    const below = operands === 0 ? command.below.find(({ name }) => name === word) : undefined;
    if (below) command = below;
    else operands++;
  }
  return { command, operands, isOptionsEnd, awaiting };
}

/** Their `--type` takes a list. */
const commandsByKinds = { files: true, recent: true };

async function kindItems(current: string): Promise<Candidate[]> {
  const { kindsOfFile } = await import('../daemon/disk-lists.ts');
  const { head, given } = listOf(current);
  return kindsOfFile.filter((kind) => !given.has(kind)).map((kind) => ({ word: `${head}${kind}` }));
}

/** Of `-o root=/Photos,dele` the last item is what is completed: a name, with `=` where a value comes behind it, or a value. */
async function mountOptionItems(current: string, environment: NodeJS.ProcessEnv): Promise<Candidate[]> {
  const { head, given, item } = listOf(current);
  const mount = await commands['mount']?.();
  const options = mount ? descriptionOf(mount).options.filter(({ name }) => name.length > 1) : [];
  const [, name, before = ''] = /^(([\w-]+)=)/.exec(item) ?? [];
  if (name !== undefined) {
    const long = before.replaceAll('_', '-');
    const values =
      long === 'account'
        ? await accountNames(environment)
        : (options.find((option) => option.name === long)?.choices ?? []);
    return values.map((value) => ({ word: `${head}${name}${value}` }));
  }
  return options
    .filter((option) => option.name !== 'json' && !given.has(option.name))
    .map(({ name, describe, takesValue }) => ({ word: `${head}${name}${takesValue ? '=' : ''}`, describe }));
}

/** A list with commas, of which the last item is being typed. */
function listOf(current: string) {
  const head = current.slice(0, current.lastIndexOf(',') + 1);
  const names = head.split(',').map((item) => item.replace(/=.*$/s, '').replaceAll('_', '-'));
  return { head, given: new Set(names), item: current.slice(head.length) };
}

/** Without those that stand there already. */
function freeOptions(command: CommandDescription, typed: readonly string[]): Candidate[] {
  const given = new Set(typed.map((word) => word.replace(/=.*$/s, '')));
  const own = command.options.map(({ name, describe }) => ({
    word: name.length === 1 ? `-${name}` : `--${name}`,
    describe,
  }));
  const general = optionsOfAll.filter(({ word }) => own.every((each) => each.word !== word));
  return [...own, ...general].filter(({ word }) => !given.has(word));
}

const optionsOfAll: Candidate[] = [
  { word: '--json', describe: words.help.json },
  { word: '--help', describe: words.help.headings['Show help'] },
  { word: '--version', describe: words.help.headings['Show version number'] },
];

async function commandNames(current: string, environment: NodeJS.ProcessEnv): Promise<Candidate[]> {
  const near = Object.entries(commands).filter(([name]) => name.startsWith(current));
  if (separatorOf(environment) === undefined) return near.map(([word]) => ({ word }));
  return Promise.all(near.map(async ([word, load]) => ({ word, describe: String((await load()).describe) })));
}

/** Of the stored logins. */
async function accountNames(environment: NodeJS.ProcessEnv): Promise<string[]> {
  const names = await readdir(join(ownFolders(environment).config, 'accounts')).catch(() => []);
  return names
    .filter((name) => /^[^.].*\.json$/.test(name))
    .map((name) => name.replace(/\.json$/, ''))
    .sort();
}

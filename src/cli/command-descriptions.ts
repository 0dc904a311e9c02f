import yargs, { type Argv, type CommandModule } from 'yargs';
import { parserRules } from './parser-rules.ts';

/** A command as its own `--help` has it. */
export interface CommandDescription {
  /** `trash restore <item>` */
  readonly usage: string;
  readonly name: string;
  readonly describe: string;
  /** In the order in which they are typed. */
  readonly positionals: readonly PositionalDescription[];
  readonly options: readonly OptionDescription[];
  /** Commands of its own. Where there are any, the rest is not typed without one of them. */
  readonly below: readonly CommandDescription[];
}

interface Described {
  readonly name: string;
  readonly describe: string;
  readonly choices: readonly string[];
}

interface PositionalDescription extends Described {
  /** All words from here on. */
  readonly isMany: boolean;
}

export interface OptionDescription extends Described {
  /** Shorter names. */
  readonly aliases: readonly string[];
  readonly takesValue: boolean;
  readonly usual: string | undefined;
}

export function descriptionOf(module: Part, above: readonly string[] = []): CommandDescription {
  const parser = yargs().help(false).version(false).parserConfiguration(parserRules) as Inside;
  if (typeof module.builder === 'function') module.builder(parser);
  else if (module.builder) parser.options(module.builder as Parameters<Argv['options']>[0]);
  const usage = [...above, String(module.command ?? module.original)].join(' ');
  const words = usage.split(' ').filter((word) => !/^[<[]/.test(word));
  const inside = parser.getInternalMethods();
  const below = Object.values(inside.getCommandInstance().getCommandHandlers());

  const { key, alias, boolean, choices, default: usual } = parser.getOptions();
  const others = new Set(Object.values(alias).flat());
  const texts = inside.getUsageInstance().getDescriptions();
  const operands = [...usage.matchAll(/[<[]([\w-]+)(\.\.)?[>\]]/g)].map(([, name = '', dots]) => ({
    name,
    isMany: dots !== undefined,
  }));
  const about = (name: string): Described => ({
    name,
    describe: texts[name] ?? '',
    choices: choices[name] ?? [],
  });
  return {
    usage,
    name: words.at(-1) ?? '',
    describe: String(module.describe ?? module.description),
    positionals: operands.map(({ name, isMany }) => ({ ...about(name), isMany })),
    options: Object.keys(key)
      .filter((name) => !others.has(name) && operands.every((operand) => operand.name !== name))
      .map((name) => ({
        ...about(name),
        aliases: alias[name] ?? [],
        takesValue: !boolean.includes(name),
        usual: boolean.includes(name) || usual[name] === undefined ? undefined : String(usual[name]),
      })),
    below: below.map((part) => descriptionOf(part, words)),
  };
}

/** A command, or what yargs keeps of one that lies below another. */
type Part = Pick<CommandModule, 'command' | 'describe' | 'builder'> & {
  readonly original?: string;
  readonly description?: string;
};

/** What the types of yargs do not tell. */
type Inside = Argv & {
  getOptions(): {
    readonly key: Readonly<Record<string, unknown>>;
    readonly alias: Readonly<Record<string, readonly string[]>>;
    readonly boolean: readonly string[];
    readonly choices: Readonly<Record<string, readonly string[]>>;
    readonly default: Readonly<Record<string, unknown>>;
  };
  getInternalMethods(): {
    getUsageInstance(): { getDescriptions(): Readonly<Record<string, string | undefined>> };
    getCommandInstance(): { getCommandHandlers(): Readonly<Record<string, Part>> };
  };
};

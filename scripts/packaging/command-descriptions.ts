import yargs, { type Argv, type CommandModule } from 'yargs';
import { commands } from '../../src/cli/commands.ts';
import { parserRules } from '../../src/cli/parser-rules.ts';

/** A command as its own `--help` has it. */
export interface CommandDescription {
  /** `trash restore <item>` */
  readonly usage: string;
  readonly describe: string;
  readonly positionals: readonly Described[];
  readonly options: readonly OptionDescription[];
}

export interface Described {
  readonly name: string;
  readonly describe: string;
  readonly choices: readonly string[];
}

export interface OptionDescription extends Described {
  readonly takesValue: boolean;
  readonly usual: string | undefined;
}

/** All commands in the order of `--help`; one that has commands of its own is followed by these, and is not there itself. */
export async function describeCommands(): Promise<CommandDescription[]> {
  const modules = await Promise.all(Object.values(commands).map((load) => load()));
  return modules.flatMap((module) => described(module, []));
}

function described(module: Part, above: readonly string[]): CommandDescription[] {
  const parser = yargs().help(false).version(false).parserConfiguration(parserRules) as Inside;
  if (typeof module.builder === 'function') module.builder(parser);
  else if (module.builder) parser.options(module.builder as Parameters<Argv['options']>[0]);
  const usage = [...above, String(module.command ?? module.original)].join(' ');
  const inside = parser.getInternalMethods();
  const below = Object.values(inside.getCommandInstance().getCommandHandlers());
  const words = usage.split(' ').filter((word) => !/^[<[]/.test(word));
  if (below.length > 0) return below.flatMap((part) => described(part, words));

  const { key, boolean, choices, default: usual } = parser.getOptions();
  const texts = inside.getUsageInstance().getDescriptions();
  const positional = new Set(parser.getGroups()['Positionals:'] ?? []);
  const names = Object.keys(key);
  const about = (name: string): Described => ({
    name,
    describe: texts[name] ?? '',
    choices: choices[name] ?? [],
  });
  return [
    {
      usage,
      describe: String(module.describe ?? module.description),
      positionals: names.filter((name) => positional.has(name)).map(about),
      options: names
        .filter((name) => !positional.has(name))
        .map((name) => ({
          ...about(name),
          takesValue: !boolean.includes(name),
          usual: boolean.includes(name) || usual[name] === undefined ? undefined : String(usual[name]),
        })),
    },
  ];
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
    readonly boolean: readonly string[];
    readonly choices: Readonly<Record<string, readonly string[]>>;
    readonly default: Readonly<Record<string, unknown>>;
  };
  getGroups(): Readonly<Record<string, readonly string[]>>;
  getInternalMethods(): {
    getUsageInstance(): { getDescriptions(): Readonly<Record<string, string | undefined>> };
    getCommandInstance(): { getCommandHandlers(): Readonly<Record<string, Part>> };
  };
};

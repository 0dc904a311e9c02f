import type { CommandDescription, OptionDescription } from '../../src/cli/command-descriptions.ts';

/** yadiskfs(1) in man(7); the commands and their options are told in the words of `--help`. */
export function manPage(commands: readonly CommandDescription[], version: string, day: string): string {
  return [
    '.\\" Made from the words of --help.',
    `.TH YADISKFS 1 ${quoted(day)} ${quoted(`yadiskfs ${version}`)} "User Commands"`,
    ...section('NAME', 'yadiskfs \\- a Yandex Disk as a folder'),
    ...section('SYNOPSIS', '.B yadiskfs', '.I COMMAND', '[\\fIARGUMENT\\fR ...] [\\fIOPTION\\fR ...]'),
    ...section('DESCRIPTION', ...paragraphs(introduction)),
    ...section('COMMANDS', ...commands.flatMap(commandLines)),
    ...section('ENVIRONMENT', ...variables.flatMap(([name, text]) => entry(bold(name), text))),
    ...section('FILES', ...files.flatMap(([name, text]) => entry(`\\fI${plain(name)}\\fR`, text))),
    ...section('EXIT STATUS', ...codes.flatMap(([code, text]) => entry(bold(code), text))),
    ...section('EXAMPLES', ...examples.flatMap(([line, text]) => entry(bold(line), text))),
    ...section(
      'SEE ALSO',
      ...['mount.yadiskfs (8),', 'fusermount3 (1),', 'systemctl (1)'].map((page) => `.BR ${page}`),
    ),
    '',
  ].join('\n');
}

const introduction = [
  `Mounts a Yandex Disk into the file tree. Files come down when they are read, and only the parts that are read; what is written is kept on
  the local disk first and is on the server soon after.`,
  `PATH is a path in a mount, or disk:/... for what lies on the Disk. All commands take --json, for answers and errors that programs read,
  and --help.`,
];

const variables = [
  ['YADISKFS_TOKEN', 'a ready access token; nothing needs to be set up then'],
  ['YADISKFS_CLIENT_ID, YADISKFS_CLIENT_SECRET', 'the app that logs in; asked for otherwise'],
  ['YADISKFS_API_URL, YADISKFS_OAUTH_URL', 'other services than those of Yandex'],
  [
    'YADISKFS_CONFIG_DIR, YADISKFS_CACHE_DIR, YADISKFS_STATE_DIR, YADISKFS_RUNTIME_DIR',
    'other folders than those below',
  ],
] as const;

const files = [
  ['~/.config/yadiskfs', 'the logins; readable by their owner only'],
  ['~/.cache/yadiskfs', 'what was read; may be deleted at any time'],
  ['~/.local/state/yadiskfs', 'what is known of the Disk, and what is not sent yet'],
  [
    '/usr/lib/systemd/user/yadiskfs@.service',
    'mounts at login: systemctl --user enable --now yadiskfs@$(systemd-escape --path ~/Disk)',
  ],
] as const;

const codes = [
  ['0', 'done'],
  ['1', 'failed'],
  ['2', 'wrong use'],
  ['3', 'not logged in, or refused'],
  ['4', 'no network'],
  ['5', 'time ran out'],
  ['128 and more', 'ended by a signal'],
] as const;

const examples = [
  ['yadiskfs setup', 'logs in, with a code that is typed in any browser'],
  ['yadiskfs mount ~/Disk --daemon', 'returns when the mount answers'],
  ['yadiskfs umount ~/Disk --wait', 'sends first what is not sent yet'],
] as const;

function commandLines({ usage, describe, positionals, options, below }: CommandDescription): string[] {
  // What these say of themselves is said of what stands above them.
  if (below.length > 0) return [`.SS yadiskfs ${usage} ...`, plain(describe), ...below.flatMap(commandLines)];
  return [
    `.SS yadiskfs ${usage.split(' ').map(shownWord).join(' ')}`,
    plain(describe),
    ...positionals.flatMap(({ name, describe: text, choices }) =>
      entry(`\\fI${plain(name.toUpperCase())}\\fR`, withChoices(text, choices)),
    ),
    ...options
      .filter(({ name }) => name !== 'json' && name !== 'help')
      .flatMap((option) =>
        entry(optionHead(option), withChoices(option.describe, option.choices, option.usual)),
      ),
  ];
}

/** `<item>` is shown as ITEM, `[dir]` as [DIR]. */
function shownWord(word: string): string {
  const [, open = '', name] = /^([<[])([^>\]]*)[>\]]$/.exec(word) ?? [];
  if (name === undefined) return plain(word);
  const italic = `\\fI${plain(name.replace('..', '...').toUpperCase())}\\fR`;
  return open === '[' ? `[${italic}]` : italic;
}

function optionHead({ name, aliases, takesValue }: OptionDescription): string {
  const names = [name, ...aliases].map((each) => bold(each.length === 1 ? `-${each}` : `--${each}`));
  return `${names.join(', ')}${takesValue ? ' \\fIVALUE\\fR' : ''}`;
}

function withChoices(text: string, choices: readonly string[], usual?: string): string {
  const notes = [
    ...(choices.length > 0 ? [choices.join(', ')] : []),
    ...(usual ? [`default: ${usual}`] : []),
  ];
  return notes.length > 0 ? `${text} (${notes.join('; ')})` : text;
}

function section(title: string, ...lines: readonly string[]): string[] {
  return [`.SH ${title}`, ...lines];
}

function entry(head: string, text: string): string[] {
  return ['.TP', head, plain(text)];
}

function paragraphs(texts: readonly string[]): string[] {
  return texts.flatMap((text, index) => [...(index > 0 ? ['.PP'] : []), plain(text.replaceAll(/\s+/g, ' '))]);
}

function bold(text: string): string {
  return `\\fB${plain(text)}\\fR`;
}

/** A backslash begins an escape there, a hyphen may be broken or made long, and a line that begins with a dot is a command. */
function plain(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('~', '\\(ti')
    .replace(/^[.']/, '\\&$&');
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '')}"`;
}

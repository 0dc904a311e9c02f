import { basename } from 'node:path';
import type { CommandModule } from 'yargs';
import { words } from '../words/words.ts';
import { completionScripts } from './completion-scripts.ts';

const shells = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof shells)[number];

interface CompletionArguments {
  readonly shell: Shell | undefined;
}

/** `completion [SHELL]`: a script that makes a shell complete our commands and options; paths it completes by itself. */
export const completionCommand: CommandModule<object, CompletionArguments> = {
  command: 'completion [shell]',
  describe: words.help.completion.about,
  builder: (own) =>
    own
      .positional('shell', { choices: shells, describe: words.help.completion.shell })
      .epilogue(
        [
          'bash:  yadiskfs completion bash >> ~/.bashrc',
          'zsh:   yadiskfs completion zsh >> ~/.zshrc',
          'fish:  yadiskfs completion fish > ~/.config/fish/completions/yadiskfs.fish',
        ].join('\n'),
      ),
  handler: ({ shell = ownShell() }) => {
    process.stdout.write(completionScripts[shell]);
  },
};

/** The one that most have, where it is none that we know. */
function ownShell(): Shell {
  const name = basename(process.env['SHELL'] ?? '');
  return shells.find((shell) => shell === name) ?? 'bash';
}

import { resolve } from 'node:path';
import type { CommandModule } from 'yargs';
import { writeBundle } from '../daemon/health/bundle.ts';
import type { Finding } from '../daemon/health/finding.ts';
import { examineKeeping } from '../daemon/health/keeping.ts';
import { examineMachine, thisMachine } from '../daemon/health/machine.ts';
import { dataUrlBeside, examineNetwork } from '../daemon/health/network.ts';
import { openLog } from '../daemon/log.ts';
import { serviceAddress } from '../daemon/services.ts';
import { Failure } from '../errors.ts';
import { translated, words } from '../words/words.ts';
import { accountContext, chooseTokens } from './account-context.ts';
import { type AccountArguments, withAccount } from './account-options.ts';
import { answer } from './on-disk.ts';
import { exitCodes } from './report.ts';
import { shownPath } from './status-lines.ts';
import { interruptible } from './terminal-interruption.ts';

interface DoctorArguments extends AccountArguments {
  readonly bundle: string | undefined;
}

/** `doctor`: looks at everything that makes a mount work or fail. Ends with 1 when something keeps one from working. */
export const doctorCommand: CommandModule<object, DoctorArguments> = {
  command: 'doctor',
  describe: words.help.doctor.about,
  builder: (yargs) =>
    withAccount(yargs, words.help.whichLogin).option('bundle', {
      type: 'string',
      requiresArg: true,
      describe: words.help.doctor.bundle,
    }),
  handler: (args) =>
    interruptible(async ({ signal }) => {
      if (args.bundle === '') throw new Failure('invalid', '--bundle wants a value');
      const context = accountContext(process.env);
      const { folders, apiUrl } = context;
      const choose = { account: args.account, token: process.env['YADISKFS_TOKEN'], onNotice: () => {} };
      const network = {
        apiUrl,
        oauthUrl: serviceAddress(process.env, 'YADISKFS_OAUTH_URL'),
        dataUrl: dataUrlBeside(apiUrl),
        tokens: async () => (await chooseTokens(context, choose)).tokens,
        now: Date.now,
        signal,
      };
      const log = await openLog({ level: 'silent', file: undefined, mayGoWithout: true });
      const parts = [
        examineMachine(thisMachine),
        examineNetwork(network),
        examineKeeping(folders, log, signal),
      ];
      const findings = (await Promise.all(parts)).flat();
      const bundle = args.bundle === undefined ? undefined : resolve(args.bundle);
      if (bundle !== undefined) await writeBundle(bundle, findings, process.env, folders.state);
      const written = bundle === undefined ? [] : [words.answers.bundleWritten(shownPath(bundle))];
      answer(args.json, { findings, bundle }, [...findings.flatMap(linesOf), ...written]);
      if (findings.some(({ state }) => state === 'bad')) process.exitCode = exitCodes.failed;
    }),
};

function linesOf({ state, message, remedy }: Finding): string[] {
  const mark = words.answers.doctor[state];
  const line = `${mark}  ${shownPath(translated(message))}`;
  const indent = ' '.repeat(mark.length + 2);
  return remedy === undefined ? [line] : [line, `${indent}${shownPath(translated(remedy))}`];
}

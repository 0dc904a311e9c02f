import { setTimeout as sleep } from 'node:timers/promises';
import type { DeviceCode } from '../auth/oauth-client.ts';
import type { App, Person } from '../auth/stored-login.ts';
import type { DiskSummary } from '../daemon/disk-summary.ts';
import { abortFailure, Failure } from '../errors.ts';
import { login as english } from '../words/en/login.ts';
import { failureText, words } from '../words/words.ts';
import { diskJson, diskLines } from './disk-lines.ts';
import { appGuide, type LoginTalk } from './login-talk.ts';
import { failureJson } from './report.ts';

/** A login where nobody can be asked: it takes what it was given, tries a bounded number of times, and says what happens. */

/** Codes that are asked for one after the other while nobody confirms any. */
const mostCodes = 3;
const mostTries = 1;
const tryAgainMs = 2_000;

interface UnattendedOptions {
  readonly json: boolean;
  readonly replace: boolean;
  readonly signal: AbortSignal;
  readonly write: (text: string) => void;
}

export function unattendedTalk(options: UnattendedOptions): LoginTalk {
  const { json, write } = options;
  let expired = 0;
  let tries = 0;
  /** One line for each event: for a program, or for a person who reads a log. */
  const tell = (event: string, fields: Record<string, unknown>, text: string) =>
    write(`${json ? JSON.stringify({ event, ...fields }) : text}\n`);

  return {
    explain: () => {
      if (json) tell('explain', { ...appGuide }, '');
    },
    app: async ({ id, secret }: Partial<App>, problem?: Failure) => {
      if (problem) throw problem;
      if (id !== undefined && secret !== undefined) return { id, secret };
      throw new Failure(
        'invalid',
        'A ClientID and a Client secret are needed, and there is no terminal to ask on',
        {
          hint: `Set YADISKFS_CLIENT_ID and YADISKFS_CLIENT_SECRET. An app is made at ${appGuide.page}: platform ${appGuide.platform}, redirect URI ${appGuide.redirectUri}, permissions ${appGuide.permissions.join(', ')}.`,
        },
      );
    },
    token: () =>
      Promise.reject(
        new Failure('invalid', 'No token came', { hint: 'Write it to the standard input, on one line.' }),
      ),
    code: (code: DeviceCode) => {
      const expiresInSec = Math.round(code.lifeMs / 1000);
      tell(
        'code',
        { userCode: code.userCode, verificationUrl: code.verificationUrl, expiresInSec },
        words.login.openAndType(code.verificationUrl, code.userCode, expiresInSec),
      );
    },
    pending: (remainingMs, problem) => {
      const remainingSec = Math.round(remainingMs / 1000);
      if (json) tell('pending', { remainingSec, ...(problem && { problem: problem.message }) }, '');
      else if (problem) write(`${words.login.tryingAgain(failureText(problem))}\n`);
    },
    waited: () => {},
    expired: async () => {
      const again = ++expired < mostCodes;
      if (json) tell('expired', { again }, '');
      else if (again) write(`${words.login.hereIsNewCode}\n`);
      return again;
    },
    denied: async () => {
      if (json) tell('denied', {}, '');
      return false;
    },
    again: async () => {
      if (++tries > mostTries) return false;
      await sleep(tryAgainMs, undefined, { signal: options.signal }).catch(() => {
        throw abortFailure(options.signal);
      });
      return true;
    },
    replaces: async (_stored: Person, _fresh: Person) => options.replace,
    warn: (say) => {
      // Programs read one thing on stderr: why it failed.
      if (json) tell('warning', { message: say(english) }, '');
      else process.stderr.write(`yadiskfs: ${say(words.login)}\n`);
    },
    stored: (account, path) => tell('stored', { account, path }, words.login.storedIn(path)),
    done: (account: string, disk: DiskSummary) =>
      tell('done', { account, ...diskJson(disk) }, diskLines(disk).join('\n')),
    wantsMount: async () => false,
    wantsService: async () => false,
    next: () => {},
    failed: (error) => {
      if (json) tell('error', failureJson(error), '');
    },
    close: () => {},
  };
}

import type { DeviceCode } from '../auth/oauth-client.ts';
import { isHeaderSafe } from '../auth/secret-text.ts';
import type { App, Person } from '../auth/stored-login.ts';
import type { DiskSummary } from '../daemon/disk-summary.ts';
import type { Failure } from '../errors.ts';
import { diskLines, personText } from './disk-lines.ts';
import { codeCard, type Screen } from './login-card.ts';
import { appGuide, type LoginTalk } from './login-talk.ts';
import { openBrowser } from './terminal-browser.ts';
import { TerminalQuestions } from './terminal-questions.ts';

interface TerminalTalkOptions {
  readonly screen: Screen;
  readonly environment: NodeJS.ProcessEnv;
  readonly browser: boolean;
  readonly replace: boolean;
  readonly stop: AbortController;
}

const beginning = `
yadiskfs needs an app of your own at Yandex; making one is free and quick:

  1. Open ${appGuide.page} and log in.
  2. Name: anything, such as yadiskfs. Platform: "${appGuide.platform}" (web services),
     Redirect URI: ${appGuide.redirectUri}
  3. Permissions ("Доступ к данным"): type cloud_api:disk and tick
       ${appGuide.permissions[0]}    information about the Disk
       ${appGuide.permissions[1]}    reading the whole Disk
       ${appGuide.permissions[2]}   writing anywhere on the Disk
  4. Create it. Its page then shows a ClientID and a Client secret.

`;

/** A login that asks: on a terminal, with a countdown. */
export function terminalTalk(options: TerminalTalkOptions): LoginTalk {
  const { screen, stop } = options;
  const questions = new TerminalQuestions(stop);
  const write = (text: string) => process.stdout.write(text);
  const countdown = new Countdown(screen, write);
  const complain = (failure: Failure) => {
    countdown.end();
    write(`\n${failure.message}.\n${failure.hint ? `${failure.hint}\n` : ''}\n`);
  };

  return {
    explain: () => {
      write(beginning);
    },
    app: async (known: Partial<App>, problem?: Failure) => {
      if (problem) complain(problem);
      const id = known.id ?? (await askWord(() => questions.ask('ClientID: '), 'The ClientID', write));
      let { secret } = known;
      while (secret === undefined || secret === id) {
        if (secret === id) write('That is the ClientID once more; the Client secret stands below it.\n');
        const ask = () => questions.askSecret('Client secret (not shown): ');
        secret = await askWord(ask, 'The Client secret', write);
      }
      return { id, secret };
    },
    token: () => askWord(() => questions.askSecret('Token (not shown): '), 'The token', write),
    code: (code: DeviceCode) => {
      write(codeCard(code, screen));
      if (options.browser && openBrowser(code.verificationUrl, options.environment)) {
        write('  (The page should open in your browser by itself.)\n\n');
      }
      countdown.begin(code.lifeMs);
    },
    pending: (remainingMs, problem) => countdown.set(remainingMs, problem),
    waited: () => countdown.end(),
    expired: async () => questions.confirm('The code is not valid any more. Get a new one?', true),
    denied: async (failure) => {
      write(`${failure.message}.\n`);
      return questions.confirm('Get a new code and try again?', false);
    },
    again: async (failure) => {
      complain(failure);
      return questions.confirm('Try again?', true);
    },
    replaces: async (stored: Person, fresh: Person) => {
      if (options.replace) return true;
      write(
        `\nUnder this name ${personText(stored)} is logged in; you have logged in as ${personText(fresh)}.\n`,
      );
      write('Mounts that run with the old login stop working. (--account NAME keeps both.)\n');
      return questions.confirm('Replace the old login?', false);
    },
    warn: (text) => {
      write(`Note: ${text}\n`);
    },
    stored: () => {},
    done: (account: string, disk: DiskSummary) => {
      const option = account === 'default' ? '' : ` --account ${account}`;
      write(`\nLogged in.\n\n${diskLines(disk).join('\n')}\n\n`);
      write(`Next:  mkdir -p ~/Disk && yadiskfs mount ~/Disk --daemon${option}\n`);
    },
    failed: () => countdown.end(),
    close: () => {
      countdown.end();
      questions.close();
    },
  };
}

/** Asks until there is one word that may be sent; what comes with a copied line is taken off. */
async function askWord(
  ask: () => Promise<string>,
  what: string,
  write: (text: string) => void,
): Promise<string> {
  for (;;) {
    const word = bareWord(await ask());
    if (isHeaderSafe(word)) return word;
    write(word === '' ? '' : `${what} is one word of Latin letters and digits.\n`);
  }
}

/** `ClientID: "0123"` is 0123. */
function bareWord(text: string): string {
  return text
    .trim()
    .replace(/^client\s*(id|secret)\s*:\s*/i, '')
    .replace(/^(["'])(.*)\1$/, '$2')
    .trim();
}

/** One line that is written over and over: how long the code is still good. */
class Countdown {
  readonly #screen: Screen;
  readonly #write: (text: string) => void;
  #timer: NodeJS.Timeout | undefined;
  #deadlineMs = 0;
  #problem: Failure | undefined;

  constructor(screen: Screen, write: (text: string) => void) {
    this.#screen = screen;
    this.#write = write;
  }

  begin(remainingMs: number): void {
    this.end();
    this.#timer = setInterval(() => this.#draw(), 1000);
    this.set(remainingMs, undefined);
  }

  set(remainingMs: number, problem: Failure | undefined): void {
    this.#deadlineMs = performance.now() + remainingMs;
    this.#problem = problem;
    if (this.#timer) this.#draw();
  }

  end(): void {
    if (!this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#write('\r\x1b[K');
  }

  #draw(): void {
    const leftSec = Math.max(0, Math.round((this.#deadlineMs - performance.now()) / 1000));
    const clock = `${Math.floor(leftSec / 60)}:${String(leftSec % 60).padStart(2, '0')}`;
    const trouble = this.#problem ? ` ${this.#problem.message}; trying again.` : '';
    const line = `  Waiting for you: ${clock} left. Ctrl-C gives up.${trouble}`;
    this.#write(`\r\x1b[K${line.slice(0, this.#screen.columns - 1)}`);
  }
}

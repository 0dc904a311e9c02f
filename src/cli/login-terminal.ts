import type { DeviceCode } from '../auth/oauth-client.ts';
import { isHeaderSafe } from '../auth/secret-text.ts';
import type { App, Person } from '../auth/stored-login.ts';
import type { DiskSummary } from '../daemon/disk-summary.ts';
import type { Failure } from '../errors.ts';
import { failureText, translated, words } from '../words/words.ts';
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

/** A login that asks: on a terminal, with a countdown. */
export function terminalTalk(options: TerminalTalkOptions): LoginTalk {
  const { screen, stop } = options;
  const said = words.login;
  const questions = new TerminalQuestions(stop);
  const write = (text: string) => process.stdout.write(text);
  const countdown = new Countdown(screen, write);
  const complain = (failure: Failure) => {
    countdown.end();
    const hint = failure.hint ? `${translated(failure.hint)}\n` : '';
    write(`\n${failureText(failure)}.\n${hint}\n`);
  };

  return {
    explain: () => {
      write(said.beginning(appGuide));
    },
    app: async (known: Partial<App>, problem?: Failure) => {
      if (problem) complain(problem);
      const id =
        known.id ?? (await askWord(() => questions.ask(said.clientIdQuestion), said.oneWord.clientId, write));
      let { secret } = known;
      while (secret === undefined || secret === id) {
        if (secret === id) write(`${said.sameAsId}\n`);
        const ask = () => questions.askSecret(said.secretQuestion);
        secret = await askWord(ask, said.oneWord.secret, write);
      }
      return { id, secret };
    },
    token: () => askWord(() => questions.askSecret(said.tokenQuestion), said.oneWord.token, write),
    code: (code: DeviceCode) => {
      write(codeCard(code, screen));
      if (options.browser && openBrowser(code.verificationUrl, options.environment)) {
        write(`  ${said.browserOpens}\n\n`);
      }
      countdown.begin(code.lifeMs);
    },
    pending: (remainingMs, problem) => countdown.set(remainingMs, problem),
    waited: () => countdown.end(),
    expired: async () => questions.confirm(said.expiredQuestion, true),
    denied: async (failure) => {
      write(`${failureText(failure)}.\n`);
      return questions.confirm(said.deniedQuestion, false);
    },
    again: async (failure) => {
      complain(failure);
      return questions.confirm(said.againQuestion, true);
    },
    replaces: async (stored: Person, fresh: Person) => {
      if (options.replace) return true;
      write(`\n${said.otherPerson(personText(stored) ?? '', personText(fresh) ?? '')}\n${said.mountsStop}\n`);
      return questions.confirm(said.replaceQuestion, false);
    },
    warn: (say) => {
      write(`${said.note(say(words.login))}\n`);
    },
    stored: () => {},
    done: (_account: string, disk: DiskSummary) => {
      write(`\n${said.loggedIn}\n\n${diskLines(disk).join('\n')}\n\n`);
    },
    wantsMount: (folder) => questions.confirm(said.mountQuestion(folder), true),
    wantsService: () => questions.confirm(said.serviceQuestion, false),
    next: (account) => {
      const option = account === 'default' ? '' : ` --account ${account}`;
      write(`${said.next(`mkdir -p ~/Disk && yadiskfs mount ~/Disk --daemon${option}`)}\n`);
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
  complaint: string,
  write: (text: string) => void,
): Promise<string> {
  for (;;) {
    const word = bareWord(await ask());
    if (isHeaderSafe(word)) return word;
    write(word === '' ? '' : `${complaint}\n`);
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
    const trouble = this.#problem ? ` ${words.login.tryingAgain(failureText(this.#problem))}` : '';
    const line = `  ${words.login.waiting(clock)}${trouble}`;
    this.#write(`\r\x1b[K${line.slice(0, this.#screen.columns - 1)}`);
  }
}

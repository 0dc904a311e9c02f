import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';
import { untilAborted } from '../async/shared-tasks.ts';
import { words } from '../words/words.ts';
import { interruption } from './terminal-interruption.ts';

/**
 * Questions on a terminal. What is typed is shown while a question that is no secret waits for its answer, and at no other moment: a
 * secret that is pasted together with the line before it must not show either.
 */
export class TerminalQuestions {
  readonly #lines: string[] = [];
  readonly #stop: AbortController;
  readonly #readline: Interface;
  #echo = false;
  /** The one that waits for its answer. */
  #question = '';
  #waiting: ((line: string) => void) | undefined;

  /** Ctrl-C and Ctrl-D fire `stop`. */
  constructor(stop: AbortController) {
    this.#stop = stop;
    const screen = new Writable({
      write: (chunk, _, done) => {
        if (this.#echo) process.stdout.write(chunk);
        done();
      },
    });
    this.#readline = createInterface({
      input: process.stdin,
      output: Object.assign(screen, { columns: process.stdout.columns || 80 }),
      terminal: true,
      historySize: 0,
    });
    this.#readline.on('SIGINT', () => this.#interrupt());
    this.#readline.on('close', () => this.#interrupt());
    // Back from the background (Ctrl-Z, fg): readline has paused itself.
    this.#readline.on('SIGCONT', () => {
      this.#readline.resume();
      this.#put(this.#question, this.#echo);
    });
    this.#readline.on('line', (line) => {
      this.#echo = false;
      const answer = this.#waiting;
      this.#waiting = undefined;
      if (answer) answer(line);
      else this.#lines.push(line);
    });
  }

  /** What was typed before the question does not answer it. @throws Failure 'aborted' */
  ask(question: string): Promise<string> {
    this.#lines.length = 0;
    this.#readline.write(null, { ctrl: true, name: 'u' });
    return this.#answer(question, true);
  }

  /** Nothing of the answer is shown. A line that was pasted with the answer before counts. @throws Failure 'aborted' */
  async askSecret(question: string): Promise<string> {
    const answer = await this.#answer(question, false);
    process.stdout.write('\n');
    return answer;
  }

  /** @throws Failure 'aborted' */
  async confirm(question: string, usual: boolean): Promise<boolean> {
    for (;;) {
      const answer = (await this.ask(`${question} ${words.login.yesOrNo(usual)} `)).trim().toLowerCase();
      if (answer === '') return usual;
      if (/^(y|yes|д|да)$/.test(answer)) return true;
      if (/^(n|no|н|нет)$/.test(answer)) return false;
    }
  }

  /** Gives the terminal back as it was. */
  close(): void {
    this.#readline.removeAllListeners('close');
    this.#readline.close();
  }

  async #answer(question: string, shown: boolean): Promise<string> {
    const typed = this.#lines.shift();
    this.#echo = shown && typed === undefined;
    this.#put(question, this.#echo);
    if (typed !== undefined) return typed;
    this.#question = question;
    const line = new Promise<string>((resolve) => {
      this.#waiting = resolve;
    });
    try {
      return await untilAborted(line, this.#stop.signal);
    } finally {
      this.#waiting = undefined;
      this.#question = '';
      this.#echo = false;
    }
  }

  /** readline draws the question itself where it draws what is typed: it has to do so anew after each correction. */
  #put(question: string, shown: boolean): void {
    this.#readline.setPrompt(shown ? question : '');
    if (shown) this.#readline.prompt(true);
    else process.stdout.write(question);
  }

  #interrupt(): void {
    process.stdout.write('\n');
    this.#stop.abort(interruption());
  }
}

import type { Word } from './work.ts';

/** Answers that mean that others were faster, or that there was nothing to do. */
const ordinaryCodes = new Set([
  'done',
  'nothing',
  'ENOENT',
  'EEXIST',
  'ENOTEMPTY',
  'EISDIR',
  'ENOTDIR',
  'EINVAL',
  'ENAMETOOLONG',
  'ESTALE',
]);
/** By the number of their error, where Node has no name for it. */
const nameless: Readonly<Record<string, string>> = { 'Unknown system error -116': 'ESTALE' };

/** What workers have done, counted. */
export class Tally {
  /** Failed in a way that needs an explanation: by what it was and how it failed. */
  readonly strange = new Map<string, number>();
  readonly wrong: string[] = [];
  acts = 0;
  failed = 0;
  contents = 0;
  longestMs = 0;

  hear(who: string, word: Word): void {
    switch (word.kind) {
      case 'act':
        if (word.code === 'nothing') return;
        this.#act(word.act, nameless[word.code] ?? word.code, word.ms);
        return;
      case 'made':
        this.contents += 1;
        return;
      case 'wrong':
        this.wrong.push(`${who}: ${word.words}`);
        return;
      default:
    }
  }

  #act(act: string, code: string, ms: number): void {
    this.acts += 1;
    this.longestMs = Math.max(this.longestMs, ms);
    if (code !== 'done') this.failed += 1;
    if (ordinaryCodes.has(code)) return;
    const name = `${act}: ${code}`;
    this.strange.set(name, (this.strange.get(name) ?? 0) + 1);
  }

  words(): string {
    const strange = [...this.strange].map(([name, count]) => `${name} ${count} times`).join(', ');
    return (
      `${this.acts} operations (${this.failed} failed; ${strange || 'none of them strangely'}), ` +
      `${this.contents} contents written, the longest operation ${(this.longestMs / 1000).toFixed(1)} s`
    );
  }
}

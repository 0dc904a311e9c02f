/** When the files of a scene were changed last, as the Disk has it: what a mount should show as mtime. */
export class Dates {
  readonly #ofPlots = new Map<string, string>();
  readonly #ofFiles = new Map<string, string>();

  /** All that lies in a plot has the date of its folder, unless a file was given its own. @param time RFC 3339 */
  setPlot(path: string, time: string): void {
    this.#ofPlots.set(path, secondsOf(time));
  }

  /** @param time RFC 3339, with up to nine digits of a second's fraction */
  setFile(path: string, time: string): void {
    this.#ofFiles.set(path, secondsOf(time));
  }

  /** Seconds since 1970 with nine digits behind the point. */
  of(path: string): string {
    const own = this.#ofFiles.get(path);
    if (own !== undefined) return own;
    for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
      const inherited = this.#ofPlots.get(at);
      if (inherited !== undefined) return inherited;
      if (at === '') throw new Error(`nothing was planted at ${path}`);
    }
  }
}

/** The same form, of what `find` (`%T@`) and `ls` (`%s.%N`) print. */
export function printedSeconds(text: string): string {
  const [seconds = '', fraction = ''] = text.split('.');
  return `${seconds}.${fraction.slice(0, 9).padEnd(9, '0')}`;
}

function secondsOf(time: string): string {
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? '';
  return `${Math.floor(Date.parse(time) / 1000)}.${fraction.padEnd(9, '0')}`;
}

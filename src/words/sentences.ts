/**
 * Sentences by what they are in English, with `{}` for what differs from time to time. A translation names them by their order in the
 * English: `{1}` as it is, `{1*}` what is itself a sentence or a part of one; or it is a function of them all, where a number decides on
 * words.
 */
export type SentenceTable = Readonly<Record<string, string | ((...parts: readonly string[]) => string)>>;

interface Pattern {
  readonly shape: RegExp;
  readonly key: string;
  readonly literalCharacters: number;
}

/** What was quoted from elsewhere may hold a sentence, and that another one; nobody nests them deeper. */
const deepest = 4;
/** What is longer is no sentence of ours; a search through it could take long. */
const longestCharacters = 2_000;

/** English sentences of ours, said in another language. */
export class Sentences {
  readonly #table: SentenceTable;
  /** Made for the first sentence that has something in it: most runs say none. */
  #patterns: readonly Pattern[] | undefined;

  constructor(table: SentenceTable) {
    this.#table = table;
  }

  /** What is in no table stays as it is. Blanks before it and a stop behind it stay, too. */
  translate(text: string): string {
    return this.#translate(text, 0);
  }

  #translate(text: string, depth: number): string {
    if (depth > deepest || text.length > longestCharacters) return text;
    const [, before = '', bare = '', stop = ''] = /^(\s*)(.*?)([.:;,]?\s*)$/su.exec(text) ?? [];
    const whole = this.#known(`${bare}${stop.trimEnd()}`, depth);
    if (whole !== undefined) return `${before}${whole}`;
    const known = this.#known(bare, depth);
    return known === undefined ? text : `${before}${known}${stop}`;
  }

  /** One sentence, or several with `; ` between them. */
  #inner(text: string, depth: number): string {
    const whole = this.#translate(text, depth);
    if (whole !== text) return whole;
    return text
      .split('; ')
      .map((one) => this.#translate(one, depth))
      .join('; ');
  }

  #known(text: string, depth: number): string | undefined {
    if (Object.hasOwn(this.#table, text)) return this.#filled(text, [], depth);
    this.#patterns ??= patternsOf(this.#table);
    for (const { shape, key } of this.#patterns) {
      const parts = shape.exec(text)?.slice(1);
      if (parts) return this.#filled(key, parts, depth);
    }
    return undefined;
  }

  #filled(key: string, parts: readonly string[], depth: number): string {
    const translation = this.#table[key] ?? key;
    if (typeof translation === 'function') return translation(...parts);
    return translation.replaceAll(/\{(\d)(\*?)\}/g, (_, order: string, inner: string) => {
      const part = parts[Number(order) - 1] ?? '';
      return inner === '' ? part : this.#inner(part, depth + 1);
    });
  }
}

/** Those that say most by themselves come first: `No folder {}` before `{}: {}`. */
function patternsOf(table: SentenceTable): Pattern[] {
  return Object.keys(table)
    .filter((key) => key.includes('{}'))
    .map((key) => {
      const literals = key.split('{}');
      const source = literals.map((text) => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&')).join('(.*?)');
      return { key, shape: new RegExp(`^${source}$`, 's'), literalCharacters: literals.join('').length };
    })
    .sort((one, other) => other.literalCharacters - one.literalCharacters);
}

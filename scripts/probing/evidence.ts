import type { DiskPath } from '../../src/disk-api/paths.ts';

const longestValue = 70;

/** One request as the report shows it: never a token, never a signed link. */
export interface EvidenceEntry {
  readonly request: string;
  /** `201`, `409 DiskResourceAlreadyExistsError`, `no answer`. */
  readonly reply: string;
  /** From the first byte sent to the head of the reply. */
  readonly ms: number;
}

/** What was asked and answered, in order. */
export class Evidence {
  readonly #entries: (EvidenceEntry & { times: number })[] = [];
  readonly #scratch: DiskPath;

  constructor(scratch: DiskPath) {
    this.#scratch = scratch;
  }

  add(entry: EvidenceEntry): void {
    const last = this.#entries.at(-1);
    if (last && last.request === entry.request && last.reply === entry.reply) last.times++;
    else this.#entries.push({ ...entry, times: 1 });
  }

  /** One line for each request; the same again and again is one line. */
  lines(): string[] {
    return this.#entries.map(
      ({ request, reply, ms, times }) =>
        `${request} → ${reply} (${Math.round(ms)} ms${times > 1 ? `, ${times} times` : ''})`,
    );
  }

  /** A call of the API in words. Addresses may be signed: they are only named. */
  describe(method: string, route: string, parameters: Readonly<Record<string, string>>): string {
    const shown = Object.entries(parameters)
      .filter(([name]) => name !== 'fields')
      .map(([name, value]) => `${name}=${name === 'url' ? '<address>' : this.#shown(value)}`);
    return [method, `${route === '' ? '/' : route.replace(/[0-9a-f]{64}/, '<id>')}`, ...shown].join(' ');
  }

  #shown(value: string): string {
    const short = value.startsWith(this.#scratch) ? `~${value.slice(this.#scratch.length)}` : value;
    const text = JSON.stringify(short)
      .slice(1, -1)
      .replaceAll(/[\p{C}\u00a0]/gu, escaped);
    return text.length > longestValue ? `${text.slice(0, longestValue)}… (${value.length} characters)` : text;
  }
}

/** What would not be seen, as its number. */
function escaped(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}

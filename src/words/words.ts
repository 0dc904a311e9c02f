import type { Failure } from '../errors.ts';
import type { Words } from './en.ts';
import { type Language, languageOf } from './language.ts';

/**
 * What people read, in their language. Everything that programs read stays English: failures are made in English, travel so through
 * pipes, sockets, logs and `--json`, and are said in the reader's language where they are shown to one.
 *
 * Only the catalogue of that language is loaded, and it is there before anything that imports this is.
 */
export const words: Words = await wordsIn(languageOf(process.env));

async function wordsIn(language: Language): Promise<Words> {
  return language === 'ru' ? (await import('./ru.ts')).ru : (await import('./en.ts')).en;
}

/** What was said in English, to be shown to a person; English still where nobody has put it into their language. */
export function translated(text: string): string {
  return text.split('\n').map(words.sentence).join('\n');
}

/** A failure as a person reads it. */
export function failureText({ message }: Failure): string {
  return translated(message);
}

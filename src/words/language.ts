/** The languages that there are words in. */
export type Language = 'en' | 'ru';

type LocaleEnvironment = Readonly<Record<string, string | undefined>>;

/**
 * The language of who started us: of `LC_ALL`, `LC_MESSAGES` and `LANG` the first that is set names the locale, as POSIX has it. In a locale
 * that is not C, the list `LANGUAGE` goes before it, as in GNU gettext, and its first language that we know counts. Where
 * we know none, English. So too where the terminal does not take UTF-8: nothing else is written.
 */
export function languageOf(environment: LocaleEnvironment): Language {
  const locale = environment['LC_ALL'] || environment['LC_MESSAGES'] || environment['LANG'] || 'C';
  if (/^(?:C|POSIX)(?:\.|$)/.test(locale) || !takesUtf8(environment)) return 'en';
  const wished = (environment['LANGUAGE'] || locale).split(':');
  return wished.map(knownLanguage).find((language) => language !== undefined) ?? 'en';
}

function knownLanguage(locale: string): Language | undefined {
  const name = /^([a-z]+)(?:[_.@-]|$)/i.exec(locale)?.[1]?.toLowerCase();
  return name === 'ru' || name === 'en' ? name : undefined;
}

/** A locale that names no set of characters is taken for one of today. */
function takesUtf8(environment: LocaleEnvironment): boolean {
  const locale = environment['LC_ALL'] || environment['LC_CTYPE'] || environment['LANG'] || '';
  const charset = /\.([^@]+)/.exec(locale)?.[1];
  return charset === undefined || /^utf-?8$/i.test(charset);
}

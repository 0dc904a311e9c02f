import { create } from 'qrcode';
import type { DeviceCode } from '../auth/oauth-client.ts';
import { words } from '../words/words.ts';
import { largeLetters } from './login-letters.ts';

/** What a terminal can show. */
export interface Screen {
  readonly columns: number;
  readonly rows: number;
  readonly colours: boolean;
  /** Block characters come out as blocks. */
  readonly blocks: boolean;
}

export function screenOf(
  stream: { readonly columns?: number; readonly rows?: number },
  environment: NodeJS.ProcessEnv,
): Screen {
  const locale = environment['LC_ALL'] || environment['LC_CTYPE'] || environment['LANG'] || '';
  const charset = /\.([^@]+)/.exec(locale)?.[1];
  const capable = environment['TERM'] !== 'dumb';
  return {
    columns: stream.columns || 80,
    rows: stream.rows || 24,
    colours: capable && !environment['NO_COLOR'],
    blocks: capable && (charset === undefined || /^utf-?8$/i.test(charset)),
  };
}

const bold = (text: string, screen: Screen) => (screen.colours ? `\x1b[1m${text}\x1b[22m` : text);
const indent = '  ';
const gap = '   ';

/**
 * The page and the code, as large as the terminal allows: a picture of the page for a phone's camera, and the code in big letters,
 * beside it where there is room: all of it should be in sight at once.
 */
export function codeCard(code: DeviceCode, screen: Screen): string {
  const picture = pictureFor(code.verificationUrl, screen);
  const besideColumns = screen.columns - indent.length - (picture?.columns ?? 0) - gap.length;
  const beside = picture && wordsOf(code, screen, besideColumns);
  const lines =
    picture && beside && Math.max(...beside.map(({ length }) => length)) <= besideColumns
      ? sideBySide(picture, beside)
      : [...(picture?.lines ?? []), '', ...wordsOf(code, screen, screen.columns - indent.length)];
  return `\n${lines.map((line) => `${indent}${line}`.trimEnd()).join('\n')}\n\n`
    .replaceAll(code.verificationUrl, (url) => bold(url, screen))
    .replaceAll(` ${code.userCode}\n`, () => ` ${bold(code.userCode, screen)}\n`);
}

function wordsOf(code: DeviceCode, screen: Screen, columns: number): string[] {
  const large = screen.blocks ? largeCode(code.userCode, columns - gap.length) : [];
  return [
    words.login.openPage,
    '',
    `${gap}${code.verificationUrl}`,
    '',
    words.login.typeCode,
    '',
    ...large.map((line) => (line === '' ? '' : `${gap}${line}`)),
    ...(large.length > 0 ? [''] : []),
    `${gap}${code.userCode}`,
  ];
}

/** In one row, or in two of half the length. Nothing when neither fits. */
function largeCode(text: string, columns: number): string[] {
  const whole = largeLetters(text, columns);
  if (whole) return whole;
  const half = Math.ceil(text.length / 2);
  const upper = largeLetters(text.slice(0, half), columns);
  const lower = largeLetters(text.slice(half), columns);
  return upper && lower ? [...upper, '', ...lower] : [];
}

interface Picture {
  readonly lines: readonly string[];
  readonly columns: number;
}

function sideBySide(picture: Picture, words: readonly string[]): string[] {
  const blank = ' '.repeat(picture.columns);
  const height = Math.max(picture.lines.length, words.length);
  return Array.from({ length: height }, (_, row) =>
    `${picture.lines[row] ?? blank}${gap}${words[row] ?? ''}`.trimEnd(),
  );
}

/** Nothing where it would not fit, or not be dark on light: not every camera reads it the other way round. */
function pictureFor(url: string, screen: Screen): Picture | undefined {
  if (!screen.blocks || !screen.colours) return undefined;
  const picture = pictureOf(url);
  const fits = picture.columns + indent.length <= screen.columns && picture.lines.length <= screen.rows;
  return fits ? picture : undefined;
}

/** Light modules around the code. The standard asks for four; readers are content with two, and a terminal is small. */
const quietModules = 2;

/** A QR code in lines of half blocks, in explicit black and white: two rows of modules in each. */
export function pictureOf(url: string): Picture {
  const { modules } = create(url, { errorCorrectionLevel: 'L' });
  const inside = (index: number) => index >= 0 && index < modules.size;
  const isDark = (row: number, column: number) =>
    inside(row) && inside(column) && modules.get(row, column) !== 0;
  const lines: string[] = [];
  for (let row = -quietModules; row < modules.size + quietModules; row += 2) {
    let line = '';
    for (let column = -quietModules; column < modules.size + quietModules; column++) {
      const upper = isDark(row, column) ? 30 : 97;
      const lower = isDark(row + 1, column) ? 40 : 107;
      line += `\x1b[${upper};${lower}m▀`;
    }
    lines.push(`${line}\x1b[0m`);
  }
  return { lines, columns: modules.size + 2 * quietModules };
}

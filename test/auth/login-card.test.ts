import { create } from 'qrcode';
import { describe, expect, it } from 'vitest';
import { codeCard, pictureOf, type Screen, screenOf } from '../../src/cli/login-card.ts';
import { largeLetters } from '../../src/cli/login-letters.ts';

const code = {
  deviceCode: 'x',
  userCode: 'b39gr6w2',
  verificationUrl: 'https://ya.ru/device',
  intervalMs: 5000,
  lifeMs: 300_000,
};
const screen: Screen = { columns: 80, rows: 24, colours: true, blocks: true };
// biome-ignore lint/suspicious/noControlCharactersInRegex: control sequences are what this is about
const sequences = /\x1b\[[\d;]*m/g;
const linesOf = (card: string) => card.replaceAll(sequences, '').split('\n');

/** What a camera sees: true is dark. Reads the half blocks back into modules. */
function seen(lines: readonly string[]): boolean[][] {
  return lines.flatMap((line) => {
    const cells = [...line.matchAll(/\[(30|97);(40|107)m▀/g)];
    return [cells.map(([, upper]) => upper === '30'), cells.map(([, , lower]) => lower === '40')];
  });
}

describe('the card with the code', () => {
  it('shows the page as a QR code, dark on light, with a light rim', () => {
    const rows = seen(pictureOf(code.verificationUrl).lines);
    const { modules } = create(code.verificationUrl, { errorCorrectionLevel: 'L' });
    for (let row = -2; row < modules.size + 2; row++) {
      for (let column = -2; column < modules.size + 2; column++) {
        const inside = Math.min(row, column) >= 0 && Math.max(row, column) < modules.size;
        expect(rows[row + 2]?.[column + 2]).toBe(inside && modules.get(row, column) === 1);
      }
    }
    // The corner by which a camera finds a code: a dark ring, a light one, a dark heart.
    expect(rows[2]?.slice(2, 10)).toEqual([true, true, true, true, true, true, true, false]);
    expect(rows[3]?.slice(2, 10)).toEqual([true, false, false, false, false, false, true, false]);
    expect(rows[5]?.slice(2, 10)).toEqual([true, false, true, true, true, false, true, false]);
  });

  it.each([
    [80, 24],
    [100, 30],
    [200, 60],
  ])('is in sight at once on %i columns and %i rows, with all its parts', (columns, rows) => {
    const card = codeCard(code, { ...screen, columns, rows });
    const lines = linesOf(card);
    expect(lines.length + 1).toBeLessThanOrEqual(rows);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    expect(card).toContain('\x1b[1mhttps://ya.ru/device\x1b[22m');
    expect(card).toContain('\x1b[1mb39gr6w2\x1b[22m');
    expect(card).toContain('\x1b[97;107m▀');
    const [first] = largeLetters('b', 80) ?? [];
    expect(lines.some((line) => line.includes(first ?? '?'))).toBe(true);
  });

  it.each([
    ['narrow', { columns: 40 }],
    ['very narrow', { columns: 20 }],
    ['low', { rows: 10 }],
    ['without colours', { colours: false }],
    ['without blocks', { blocks: false }],
    ['without anything', { columns: 20, rows: 5, colours: false, blocks: false }],
  ])('on a terminal that is %s still names page and code', (_, poor) => {
    const lines = linesOf(codeCard(code, { ...screen, ...poor }));
    expect(lines.some((line) => line.trim().endsWith('https://ya.ru/device'))).toBe(true);
    expect(lines.some((line) => line.trim() === 'b39gr6w2' || line.endsWith('   b39gr6w2'))).toBe(true);
    if ('blocks' in poor) expect(lines.join('')).not.toMatch(/[▀▄█]/);
  });

  it('copes with an address that makes a large picture, and a code without large letters', () => {
    const odd = { ...code, verificationUrl: `https://ya.ru/${'x'.repeat(400)}`, userCode: 'ABCD-ÉFG' };
    const lines = linesOf(codeCard(odd, screen));
    expect(lines.some((line) => line.includes(odd.verificationUrl))).toBe(true);
    expect(lines.some((line) => line.trim() === odd.userCode)).toBe(true);
  });
});

describe('large letters', () => {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';

  it('exist for all that a code consists of, no two alike', () => {
    const shapes = [...alphabet].map((letter) => (largeLetters(letter, 10) ?? []).join('\n'));
    expect(shapes.every((shape) => /[▀▄█]/.test(shape))).toBe(true);
    expect(new Set(shapes).size).toBe(alphabet.length);
  });

  it('stand on one line, as far apart as their width', () => {
    const rows = largeLetters('il1', 80) ?? [];
    expect(rows.length).toBeLessThanOrEqual(5);
    expect(Math.max(...rows.map((row) => row.length))).toBeLessThanOrEqual(5 * 3 + 2 * 2);
    expect(largeLetters('abcdefgh', 53)).toBeUndefined();
    expect(largeLetters('abcdefgh', 54)).toBeDefined();
    expect(largeLetters('É', 80)).toBeUndefined();
    expect(largeLetters('constructor', 800)?.length).toBeGreaterThan(0);
  });
});

it.each([
  [
    { LANG: 'ru_RU.UTF-8', TERM: 'xterm' },
    { colours: true, blocks: true },
  ],
  [
    { LANG: 'ru_RU.KOI8-R', TERM: 'xterm' },
    { colours: true, blocks: false },
  ],
  [
    { LC_ALL: 'C.utf8', LANG: 'ru_RU.KOI8-R', TERM: 'xterm' },
    { colours: true, blocks: true },
  ],
  [{ TERM: 'dumb' }, { colours: false, blocks: false }],
  [
    { TERM: 'xterm', NO_COLOR: '1' },
    { colours: false, blocks: true },
  ],
])('%j is understood as %j', (environment, expected) => {
  expect(screenOf({}, environment)).toEqual({ columns: 80, rows: 24, ...expected });
  expect(screenOf({ columns: 0, rows: 0 }, environment)).toEqual({ columns: 80, rows: 24, ...expected });
});

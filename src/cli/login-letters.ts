/** Large letters for a code that is typed over from a screen. Lower case as Yandex writes it, and no two alike. */

/** Rows from the top; seven to the base line, two below it. */
const glyphs: Readonly<Record<string, string>> = {
  a: '..... ..... .###. ....# .#### #...# .####',
  b: '#.... #.... ####. #...# #...# #...# ####.',
  c: '..... ..... .#### #.... #.... #.... .####',
  d: '....# ....# .#### #...# #...# #...# .####',
  e: '..... ..... .###. #...# ##### #.... .###.',
  f: '..##. .#... ####. .#... .#... .#... .#...',
  g: '..... ..... .#### #...# #...# #...# .#### ....# .###.',
  h: '#.... #.... ####. #...# #...# #...# #...#',
  i: '..#.. ..... .##.. ..#.. ..#.. ..#.. .###.',
  j: '...#. ..... ..##. ...#. ...#. ...#. ...#. #..#. .##..',
  k: '#.... #.... #..#. #.#.. ##... #.#.. #..#.',
  l: '.##.. ..#.. ..#.. ..#.. ..#.. ..#.. .###.',
  m: '..... ..... ##.#. #.#.# #.#.# #.#.# #.#.#',
  n: '..... ..... ####. #...# #...# #...# #...#',
  o: '..... ..... .###. #...# #...# #...# .###.',
  p: '..... ..... ####. #...# #...# #...# ####. #.... #....',
  q: '..... ..... .#### #...# #...# #...# .#### ....# ....#',
  r: '..... ..... #.##. ##..# #.... #.... #....',
  s: '..... ..... .#### #.... .###. ....# ####.',
  t: '.#... .#... ####. .#... .#... .#..# ..##.',
  u: '..... ..... #...# #...# #...# #...# .####',
  v: '..... ..... #...# #...# #...# .#.#. ..#..',
  w: '..... ..... #...# #.#.# #.#.# #.#.# .#.#.',
  x: '..... ..... #...# .#.#. ..#.. .#.#. #...#',
  y: '..... ..... #...# #...# #...# #...# .#### ....# .###.',
  z: '..... ..... ##### ...#. ..#.. .#... #####',
  '0': '.###. #...# #..## #.#.# ##..# #...# .###.',
  '1': '..#.. .##.. #.#.. ..#.. ..#.. ..#.. #####',
  '2': '.###. #...# ....# ...#. ..#.. .#... #####',
  '3': '.###. #...# ....# ..##. ....# #...# .###.',
  '4': '...#. ..##. .#.#. #..#. ##### ...#. ...#.',
  '5': '##### #.... ####. ....# ....# #...# .###.',
  '6': '.###. #.... #.... ####. #...# #...# .###.',
  '7': '##### ....# ...#. ..#.. ..#.. ..#.. ..#..',
  '8': '.###. #...# #...# .###. #...# #...# .###.',
  '9': '.###. #...# #...# .#### ....# ....# .###.',
};

const heightRows = 9;
const empty = '.....';
/** Two rows in one line of the terminal: nothing, the upper, the lower, both. */
const halves = [' ', '▀', '▄', '█'];

/** Lines of a terminal that show `text` large; undefined when a character has no large form or the lines would be too long. */
export function largeLetters(text: string, columns: number): string[] | undefined {
  const letters: string[][] = [];
  for (const character of text) {
    const glyph = Object.hasOwn(glyphs, character) ? glyphs[character] : undefined;
    if (glyph === undefined) return undefined;
    letters.push(glyph.split(' '));
  }
  const rows = Array.from({ length: heightRows + 1 }, (_, row) =>
    letters.map((glyph) => glyph[row] ?? empty).join('..'),
  );
  if ((rows[0]?.length ?? 0) > columns) return undefined;
  const lines: string[] = [];
  for (let row = 0; row < rows.length; row += 2) lines.push(joinRows(rows[row] ?? '', rows[row + 1] ?? ''));
  return lines.map((line) => line.trimEnd()).filter((line) => line !== '');
}

function joinRows(upper: string, lower: string): string {
  return Array.from(upper, (cell, column) => {
    const index = (cell === '#' ? 1 : 0) + (lower[column] === '#' ? 2 : 0);
    return halves[index] ?? ' ';
  }).join('');
}

import { words } from '../words/words.ts';

/** Rows with their columns beneath each other; the last column is as long as it likes. `right`: columns of numbers. */
export function tableLines(rows: readonly (readonly string[])[], right: readonly number[] = []): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => widthOf(row[column] ?? ''))),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const room = ' '.repeat((widths[column] ?? 0) - widthOf(cell));
        if (right.includes(column)) return `${room}${cell}`;
        return column === row.length - 1 ? cell : `${cell}${room}`;
      })
      .join('  '),
  );
}

/** Of a file, or the word for what has no size of its own. */
export function sizeCell(entry: {
  readonly kind: 'file' | 'folder';
  readonly sizeBytes: number | undefined;
}): string {
  if (entry.kind === 'folder') return words.answers.folder;
  return entry.sizeBytes === undefined ? '?' : words.size(entry.sizeBytes);
}

function widthOf(text: string): number {
  return [...text].length;
}

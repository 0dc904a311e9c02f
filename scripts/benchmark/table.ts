import type { Row } from './results.ts';

const heads = [
  'by',
  'median',
  'least–most',
  'API',
  'data',
  'MB',
  'in all',
  'CPU s',
  'peak MB',
  '× rclone',
  '× bound',
  'to reach',
  '',
];
/** Columns of words; the others hold numbers and are set to the right. */
const leftColumns = new Set([0, 11, 12]);

/** All rows for a person: a block a measure, a line a contender, in columns of the same width. */
export function tableOf(rows: readonly Row[]): string {
  const cells = rows.map(cellsOf);
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...cells.map((line) => (line[column] ?? '').length)),
  );
  const set = (line: readonly string[]) =>
    `    ${line
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return leftColumns.has(column) ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')}`.trimEnd();
  const lines = [set(heads)];
  rows.forEach((row, index) => {
    const before = rows[index - 1];
    const isNewScene = before?.scene !== row.scene;
    if (isNewScene) lines.push('', `${String(row.scene).padStart(2)}  ${row.title}`);
    if (isNewScene || before?.measure !== row.measure) lines.push(`  ${measureWords(row)}`);
    lines.push(set(cells[index] ?? []));
  });
  return lines.join('\n');
}

function measureWords({ measure, unit, moreIsBetter, bound, remark }: Row): string {
  const notes = [
    ...(moreIsBetter ? ['more is better'] : []),
    ...(bound === null ? [] : [`bound: ${bound}`]),
    ...(remark === null ? [] : [remark]),
  ];
  return `${measure}, ${unit === '/s' ? 'calls a second' : unit}${notes.length === 0 ? '' : ` (${notes.join('; ')})`}`;
}

function cellsOf(row: Row): string[] {
  const { by, median, least, most, values, traffic, trafficInAll, cpuSeconds, peakBytes } = row;
  const { timesRclone, timesBound, goal, reached } = row;
  return [
    by,
    median === null ? 'not seen' : figure(median),
    values.length > 1 && least !== null && most !== null ? `${figure(least)}–${figure(most)}` : '',
    traffic ? String(traffic.apiRequests) : '',
    traffic ? String(traffic.dataRequests) : '',
    traffic ? figure(traffic.bytes / 1e6) : '',
    trafficInAll ? String(trafficInAll.apiRequests + trafficInAll.dataRequests) : '',
    cpuSeconds === null ? '' : cpuSeconds.toFixed(1),
    (peakBytes / 1e6).toFixed(0),
    timesRclone === null ? '' : timesRclone.toFixed(2),
    timesBound === null ? '' : figure(timesBound),
    goal ?? '',
    reached === null ? '' : reached ? 'reached' : 'not yet',
  ];
}

/** Three digits that count. */
function figure(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en');
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

import { type NotAsked, neverAsked } from './catalogue.ts';
import { promises } from './promises.ts';
import type { Question } from './question.ts';

/** Which setting of the stand-in rests on which question, and which promise on both: the table of docs/probe.md. */
export function questionTable(questions: readonly Question[]): string {
  const rows = questions.map(({ id, title, needs, settings, promises: resting }) => [
    `\`${id}\`${needs === undefined ? '' : `<br>\`--${needs}\``}`,
    title,
    settings.map((setting) => `\`${setting}\``).join(' '),
    resting.map((name) => promises[name]).join('. '),
  ]);
  return markdown(['Question', 'What is asked', 'Settings', 'What rests on it'], rows);
}

/** What is never asked, and why. */
export function neverAskedTable(never: readonly NotAsked[] = neverAsked): string {
  const rows = never.map(({ title, settings, reason }) => [
    title,
    settings.map((setting) => `\`${setting}\``).join(' '),
    reason,
  ]);
  return markdown(['Not asked', 'Settings', 'Why'], rows);
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

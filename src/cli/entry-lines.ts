import type { DiskEntry } from '../daemon/disk-entry.ts';
import { dateText } from '../words/local-time.ts';
import { shownPath } from './status-lines.ts';
import { sizeCell } from './table-lines.ts';

/** Files and folders as programs see them. */
export function entryJson({ path, name, kind, sizeBytes, modified, mediaType, ...rest }: DiskEntry) {
  return { path, name, type: kind, sizeBytes, modified, mediaType, ...rest };
}

/** One row of a table: size, date, path. Its columns have widths of their own, so that a list can be shown as it comes. */
export function entryLine(entry: DiskEntry): string {
  return `${sizeCell(entry).padStart(9)}  ${dateCell(entry)}  ${shownPath(entry.path)}`;
}

function dateCell({ modified }: DiskEntry): string {
  return (modified === undefined ? '' : dateText(modified)).padEnd(19);
}

import { shownText } from '../auth/secret-text.ts';
import type { DiskSummary } from '../daemon/disk-summary.ts';
import { formatSize } from './units.ts';

/** Who it is and how much room there is, for people. */
export function diskLines(disk: DiskSummary): string[] {
  const lines: [string, string | undefined][] = [
    ['User', personText(disk)],
    ['Used', usedText(disk)],
    ['Free', sizeText(disk.freeBytes)],
    ['Trash', disk.trashBytes === undefined ? undefined : `${formatSize(disk.trashBytes)} (counts as used)`],
    ['Largest file', sizeText(disk.largestFileBytes)],
    ['Revision', disk.revision?.toString()],
  ];
  return lines.flatMap(([name, text]) => (text === undefined ? [] : [`${`${name}:`.padEnd(14)}${text}`]));
}

/** The same for programs. */
export function diskJson(disk: DiskSummary) {
  return {
    user: { uid: disk.uid, login: disk.login, displayName: disk.displayName },
    quota: {
      totalBytes: disk.totalBytes,
      usedBytes: disk.usedBytes,
      freeBytes: disk.freeBytes,
      trashBytes: disk.trashBytes,
    },
    largestFileBytes: disk.largestFileBytes,
    revision: disk.revision,
    isPaid: disk.isPaid,
  };
}

/** `anna (Anna P., 100000001)` */
export function personText(person: {
  readonly uid: string | undefined;
  readonly login?: string | undefined;
  readonly displayName?: string | undefined;
}): string | undefined {
  // The names are a stranger's words: nothing in them may move the cursor.
  const [first, ...others] = [person.login, person.displayName, person.uid]
    .map((text) => shownText(text ?? ''))
    .filter((text, index, all) => text !== '' && all.indexOf(text) === index);
  if (first === undefined) return undefined;
  return others.length > 0 ? `${first} (${others.join(', ')})` : first;
}

function usedText(disk: DiskSummary): string | undefined {
  if (disk.usedBytes === undefined) return undefined;
  if (!disk.totalBytes) return formatSize(disk.usedBytes);
  const percent = Math.round((disk.usedBytes / disk.totalBytes) * 100);
  return `${formatSize(disk.usedBytes)} of ${formatSize(disk.totalBytes)} (${percent} %)`;
}

function sizeText(sizeBytes: number | undefined): string | undefined {
  return sizeBytes === undefined ? undefined : formatSize(sizeBytes);
}

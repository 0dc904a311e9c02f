import { shownText } from '../auth/secret-text.ts';
import type { DiskSummary } from '../daemon/disk-summary.ts';
import { words } from '../words/words.ts';

/** Who it is and how much room there is, for people. */
export function diskLines(disk: DiskSummary): string[] {
  const said = words.answers.disk;
  const lines: [string, string | undefined][] = [
    [said.user, personText(disk)],
    [said.used, usedText(disk)],
    [said.free, sizeText(disk.freeBytes)],
    [said.trash, disk.trashBytes === undefined ? undefined : said.countsAsUsed(disk.trashBytes)],
    [said.largestFile, sizeText(disk.largestFileBytes)],
    [said.revision, disk.revision?.toString()],
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
  if (!disk.totalBytes) return words.size(disk.usedBytes);
  const percent = Math.round((disk.usedBytes / disk.totalBytes) * 100);
  return words.answers.disk.part(disk.usedBytes, disk.totalBytes, percent);
}

function sizeText(sizeBytes: number | undefined): string | undefined {
  return sizeBytes === undefined ? undefined : words.size(sizeBytes);
}

import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { video } from '../../test/demo-disk/demo-disk.ts';
import type { DemoEntry, DemoFile } from '../../test/demo-disk/entries.ts';
import { comparedPhoto } from '../../test/demo-disk/photos.ts';
import { toDoList } from '../../test/demo-disk/writings.ts';
import { quoted, runCommand } from './commands.ts';

/** Wherever the demonstration's Disk is mounted. */
const yadiskfs = `node ${quoted(join(import.meta.dirname, '../../dist/cli/main.js'))}`;

/** What the tour walks through, and what it may ask. */
export interface TourGround {
  readonly mountpoint: string;
  /** What is on the Disk. */
  readonly entries: readonly DemoEntry[];
  room(): { readonly totalBytes: number; readonly usedBytes: number };
  /** The MD5 of a file as the server has it at this moment. */
  md5OnServer(path: string): string | undefined;
  /** Requests so far, to the API host and to the hosts of the data. */
  counts(): { readonly api: number; readonly data: number };
}

/** One thing to show: a line of shell, and what is wrong with its output, if anything is. */
interface Stop {
  readonly title: string;
  readonly line: string;
  readonly shownLines?: number;
  /** A program that not every machine has. */
  readonly needs?: string;
  check(output: Buffer): string | null;
}

/** Shows everything, one command after the other.
 * @returns how many stops showed something wrong
 */
export async function takeTour(ground: TourGround, signal: AbortSignal): Promise<number> {
  let wrong = 0;
  for (const stop of stopsOf(ground)) {
    if (stop.needs && (await runCommand(`command -v ${stop.needs}`, '/', signal)).exitCode !== 0) {
      console.log(`\n${stop.title}: not shown, ${stop.needs} is not installed`);
      continue;
    }
    const before = ground.counts();
    const startMs = performance.now();
    const { exitCode, stdout, stderr } = await runCommand(stop.line, dirname(ground.mountpoint), signal);
    const tookMs = Math.round(performance.now() - startMs);
    const after = ground.counts();
    const problem = exitCode === 0 ? stop.check(stdout) : `exit code ${exitCode}: ${stderr.trim()}`;
    if (problem !== null) wrong += 1;
    const cost = `requests: ${after.api - before.api} API, ${after.data - before.data} data; ${tookMs} ms`;
    console.log(`\n${stop.title}\n$ ${stop.line}`);
    console.log(excerpt(stdout.toString(), stop.shownLines ?? 12));
    console.log(problem === null ? `✓ ${cost}` : `✗ ${problem} (${cost})`);
  }
  return wrong;
}

function stopsOf({ mountpoint, entries, room, md5OnServer }: TourGround): Stop[] {
  const disk = basename(mountpoint);
  const at = (path: string) => quoted(`${disk}/${path}`);
  const visible = entries.filter((entry) => entry.kind === 'folder' || entry.state !== 'trashed');
  const file = (path: string): DemoFile => {
    const found = visible.find((entry) => entry.path === path);
    if (found?.kind !== 'file') throw new Error(`the demonstration Disk has no file ${path}`);
    return found;
  };
  const depth = (path: string) => path.split('/').length;
  const photo = file(comparedPhoto);
  const film = file(video.path);
  const pieceBytes = 65_536;

  return [
    {
      title: 'The top of the Disk',
      line: `ls -la ${disk}`,
      shownLines: 20,
      check: (output) => {
        const lines = output
          .toString()
          .trimEnd()
          .split('\n')
          .slice(1)
          .filter((line) => !/ \.\.?$/.test(line));
        const names = visible.filter(({ path }) => depth(path) === 1).map(({ path }) => path);
        const missing = names.filter((name) => !lines.some((line) => line.endsWith(` ${name}`)));
        if (missing.length > 0) return `not listed: ${missing.join(', ')}`;
        return lines.length === names.length ? null : `${lines.length} entries instead of ${names.length}`;
      },
    },
    {
      title: 'Two floors down, a folder of 1,500 files among them',
      line: `find ${disk} -mindepth 1 -maxdepth 2 -printf '%P\\0' | sort -z | tr '\\n\\0' '?\\n'`,
      check: (output) =>
        differenceOfNames(
          visible.filter(({ path }) => depth(path) <= 2).map(({ path }) => path.replaceAll('\n', '?')),
          output.toString().trimEnd().split('\n'),
        ),
    },
    {
      title: 'Everything there is, and its bytes',
      line: `find ${disk} -type f -printf '%s\\n' | awk '{ bytes += $1 } END { printf "%d files, %.0f bytes\\n", NR, bytes }'`,
      check: (output) => {
        const files = visible.filter((entry) => entry.kind === 'file');
        const bytes = files.reduce((sum, { content }) => sum + content.sizeBytes, 0);
        return expected(`${files.length} files, ${bytes} bytes\n`, output);
      },
    },
    {
      title: 'A text with a Russian name',
      line: `cat ${at(toDoList.path)}`,
      check: (output) => expected(toDoList.text, output),
    },
    {
      title: 'A photo, by its first bytes and its hash',
      line: `head -c 3 ${at(photo.path)} | od -An -tx1 && md5sum < ${at(photo.path)}`,
      check: (output) => expected(` ff d8 ff\n${photo.content.digest?.md5}  -\n`, output),
    },
    {
      title: 'What the Disk says of that photo',
      needs: 'getfattr',
      line: `getfattr --only-values -n user.yadisk.md5 ${at(photo.path)}`,
      check: (output) => expected(photo.content.digest?.md5 ?? '', output),
    },
    ...[9_876, 28_765].map(
      (piece): Stop => ({
        title: `256 KB of the 2 GB film, ${Math.round((piece * pieceBytes) / 1e6)} MB from its start`,
        line: `dd if=${at(film.path)} bs=64K skip=${piece} count=4 status=none | md5sum`,
        check: (output) => {
          const bytes = film.content.read(piece * pieceBytes, (piece + 4) * pieceBytes);
          return expected(`${createHash('md5').update(bytes).digest('hex')}  -\n`, output);
        },
      }),
    ),
    {
      title: 'The room there is',
      line: `df -B1 --output=size,used,target ${disk}`,
      check: (output) => {
        const [size, used] = (output.toString().split('\n')[1] ?? '').trim().split(/\s+/).map(Number);
        const { totalBytes, usedBytes } = room();
        // df counts in whole blocks, a MiB at most.
        const near = (one: number, other: number) => Math.abs(one - other) <= 2 ** 20;
        if (near(size ?? 0, totalBytes) && near(used ?? 0, usedBytes)) return null;
        return `the Disk has ${totalBytes} bytes, and ${usedBytes} are used`;
      },
    },
    {
      title: 'A text, saved as editors do: beside the old one, then renamed over it',
      line: `note=${at('Заметка.txt')}; for save in 1 2 3; do echo "save $save" > "$note.tmp" && mv "$note.tmp" "$note"; done; cat "$note"`,
      check: (output) => expected('save 3\n', output),
    },
    {
      title: 'It is on the server, once it was sent',
      line: `${yadiskfs} flush ${disk} && ${yadiskfs} status ${disk}`,
      check: () => {
        const md5 = md5OnServer('disk:/Заметка.txt');
        const wanted = createHash('md5').update('save 3\n').digest('hex');
        return md5 === wanted ? null : `the server has ${md5 ?? 'nothing'}`;
      },
    },
    {
      title: 'Deleted again: it lies in the trash of the Disk',
      line: `rm ${at('Заметка.txt')} && ${yadiskfs} flush ${disk} && ls ${disk} | grep -c Заметка || true`,
      check: (output) => {
        if (md5OnServer('disk:/Заметка.txt') !== undefined) return 'the server still has it';
        return expected('0\n', output);
      },
    },
  ];
}

function expected(text: string, output: Buffer): string | null {
  return output.equals(Buffer.from(text)) ? null : `should have been ${JSON.stringify(text)}`;
}

/** A name too long for Linux may be shown as one that begins alike. */
function differenceOfNames(want: readonly string[], got: readonly string[]): string | null {
  const long = (path: string) => path.split('/').some((name) => Buffer.byteLength(name) > 255);
  const left = new Set(got);
  const missing = want.filter((path) => {
    const shown = long(path) ? got.find((name) => name.slice(0, 60) === path.slice(0, 60)) : path;
    return shown === undefined || !left.delete(shown);
  });
  if (missing.length > 0) return `missing: ${missing.join(', ')}`;
  return left.size === 0 ? null : `not on the Disk: ${[...left].join(', ')}`;
}

/** The first and last lines of a long text. */
function excerpt(text: string, shownLines: number): string {
  const lines = text.trimEnd().split('\n');
  if (lines.length <= shownLines) return lines.join('\n');
  const half = Math.floor(shownLines / 2);
  return [...lines.slice(0, half), `… ${lines.length - 2 * half} more …`, ...lines.slice(-half)].join('\n');
}

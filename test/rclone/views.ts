import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ControlClient } from './control-client.ts';
import type { Rclone } from './rclone.ts';

/** What there is to compare of one file; of a folder it is only there. */
export type Seen =
  | 'folder'
  | {
      readonly sizeBytes: number;
      readonly md5: string;
      /** Nanoseconds since the epoch; null where nothing says when it was modified. */
      readonly modifiedNs: string | null;
    };

/** A tree as somebody sees it: by path below its top, sorted. */
export type View = Readonly<Record<string, Seen>>;

/** A local folder, as it is. */
export async function localView(folder: string): Promise<View> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const seen = entries.map(async (entry): Promise<[string, Seen]> => {
    const file = join(entry.parentPath, entry.name);
    const path = file.slice(folder.length + 1);
    if (entry.isDirectory()) return [path, 'folder'];
    const { size, mtimeNs } = await stat(file, { bigint: true });
    const md5 = createHash('md5')
      .update(await readFile(file))
      .digest('hex');
    return [path, { sizeBytes: Number(size), md5, modifiedNs: String(mtimeNs) }];
  });
  return sorted(await Promise.all(seen));
}

/** What really is at a path of the Disk, and the times that rclone has stored. */
export async function diskView(control: ControlClient, path: string): Promise<View> {
  const entries = await control.beneath(path);
  return sorted(
    [...entries].map(([inner, { type, sizeBytes = 0, md5 = '', properties }]) => {
      const modified = properties?.['rclone_modified'];
      const modifiedNs = typeof modified === 'string' ? nanoseconds(modified) : null;
      return [inner, type === 'dir' ? 'folder' : { sizeBytes, md5, modifiedNs }];
    }),
  );
}

const listSchema = z.array(
  z.object({
    Path: z.string(),
    IsDir: z.boolean(),
    Size: z.int(),
    ModTime: z.string(),
    Hashes: z.object({ md5: z.string() }).optional(),
  }),
);

/** What rclone believes to be there. */
export async function rcloneView(rclone: Rclone, path: string): Promise<View> {
  const items = listSchema.parse(JSON.parse(await rclone.run('lsjson', '-R', '--hash', path)));
  return sorted(
    items.map(({ Path, IsDir, Size, ModTime, Hashes }) => [
      Path,
      IsDir ? 'folder' : { sizeBytes: Size, md5: Hashes?.md5 ?? '', modifiedNs: nanoseconds(ModTime) },
    ]),
  );
}

/** RFC 3339 with up to nine digits of a second. */
function nanoseconds(time: string): string {
  const [, seconds = '', fraction = '', zone = ''] = /^(.{19})(?:\.(\d+))?(.*)$/.exec(time) ?? [];
  const wholeMs = BigInt(Date.parse(`${seconds}${zone}`));
  return String(wholeMs * 1_000_000n + BigInt(fraction.padEnd(9, '0')));
}

function sorted(entries: readonly (readonly [string, Seen])[]): View {
  return Object.fromEntries([...entries].sort(([left], [right]) => (left < right ? -1 : 1)));
}

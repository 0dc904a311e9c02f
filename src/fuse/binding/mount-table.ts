import { readFile } from 'node:fs/promises';

/** One mount of this process's namespace. */
export interface MountEntry {
  /** Unique among the mounts of this moment. */
  readonly id: number;
  /** `major:minor` of the file system; the minor number of a FUSE mount names its folder in fusectl. */
  readonly device: string;
  readonly mountpoint: string;
  readonly type: string;
}

/** The mounts that this process sees, the later on top. Reading it never touches the mounts themselves. */
export async function readMountTable(): Promise<readonly MountEntry[]> {
  return parseMountTable(await readFile('/proc/self/mountinfo', 'utf8'));
}

/** Source: proc(5), "/proc/pid/mountinfo". */
export function parseMountTable(text: string): readonly MountEntry[] {
  return text.split('\n').flatMap((line) => {
    const [before, after] = line.split(' - ', 2);
    const [id, , device, , mountpoint] = (before ?? '').split(' ');
    const [type] = (after ?? '').split(' ');
    if (!id || !device || !mountpoint || !type) return [];
    return [{ id: Number(id), device, mountpoint: unescaped(mountpoint), type }];
  });
}

/** The mount on top at this path, if any. */
export function topAt(table: readonly MountEntry[], mountpoint: string): MountEntry | undefined {
  return table.findLast((entry) => entry.mountpoint === mountpoint);
}

/** The kernel writes blank, tab, newline and backslash as `\` and three octal digits, each byte on its own. */
function unescaped(field: string): string {
  return field.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** What a program can find in a folder: whatever there is of each thing in it but for its number and its ctime, by path. */
export type Picture = ReadonlyMap<string, Thing>;

interface Thing {
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  readonly mode: string;
  readonly modifiedNs: bigint;
  /** Of a file: its size and the hash of its bytes. Of a link: its target. */
  readonly content: string;
}

export async function pictureOf(folder: string): Promise<Picture> {
  const picture = new Map<string, Thing>();
  const visit = async (above: string): Promise<void> => {
    for (const name of (await readdir(join(folder, above))).sort()) {
      const path = join(above, name);
      if (picture.has(path)) throw new Error(`${path} is listed twice`);
      const thing = await lookAt(join(folder, path));
      picture.set(path, thing);
      if (thing.kind === 'folder') await visit(path);
    }
  };
  await visit('');
  return picture;
}

async function lookAt(path: string): Promise<Thing> {
  const stat = await lstat(path, { bigint: true });
  const kind = stat.isFile()
    ? 'file'
    : stat.isDirectory()
      ? 'folder'
      : stat.isSymbolicLink()
        ? 'link'
        : 'other';
  const content =
    kind === 'file' ? `${stat.size} ${await hashOf(path)}` : kind === 'link' ? await readlink(path) : '';
  return { kind, mode: (stat.mode & 0o7777n).toString(8), modifiedNs: stat.mtimeNs, content };
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('md5');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

interface Attention {
  /** Whether the date of what is at a path counts. */
  date(path: string, thing: Thing): boolean;
  /** Whether its bytes do. */
  content(path: string): boolean;
}

/** How what is seen differs from what is expected, a line each. */
export function differencesOf(seen: Picture, expected: Picture, attention: Attention): string[] {
  return [...new Set([...expected.keys(), ...seen.keys()])].sort().flatMap((path) => {
    const [one, other] = [seen.get(path), expected.get(path)];
    if (!one || !other) return [`${path}: ${one ? 'should not be there' : 'is missing'}`];
    const parts = ['kind', 'mode'] as (keyof Thing)[];
    if (attention.content(path)) parts.push('content');
    if (attention.date(path, other)) parts.push('modifiedNs');
    return parts.flatMap((part) =>
      one[part] === other[part] ? [] : [`${path}: ${part} is ${one[part]}, should be ${other[part]}`],
    );
  });
}

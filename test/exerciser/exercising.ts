import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { type MountProcess, startMount, writable, yadiskfs } from '../mount/mounted-disk.ts';
import { type StandingDisk, standingDisk } from '../mount/standing-disk.ts';

const run = promisify(execFile);
const exerciser = fileURLToPath(new URL('exercise.py', import.meta.url));

const doneSchema = z.object({
  operations: z.number(),
  /** Written, or read and compared. */
  bytes: z.number(),
  /** Calls that the mount refuses. */
  refused: z.array(z.string()),
});
type Done = z.infer<typeof doneSchema>;

interface Part {
  readonly seed: number;
  readonly first: number;
  readonly operations: number;
  /** Before this operation a byte of each file is changed behind the model's back. */
  readonly damage?: number;
}

/** Random work in a folder. Rejects with the seed, the number of the operation and the last ones when a file holds anything but what it must. */
export async function work(
  folder: string,
  models: string,
  { seed, first, operations, damage }: Part,
): Promise<Done> {
  const numbers = { seed, first, operations, ...(damage === undefined ? {} : { damage }) };
  const args = Object.entries(numbers).flatMap(([name, value]) => [`--${name}`, String(value)]);
  try {
    const { stdout } = await run('python3', [exerciser, folder, models, ...args], { maxBuffer: 16 << 20 });
    return doneSchema.parse(JSON.parse(stdout));
  } catch (error) {
    const { stderr, code } = error as { stderr?: string; code?: unknown };
    throw new Error(`${stderr || String(error)}\n(the exerciser ended with ${String(code)})`);
  }
}

/**
 * How the mount of a part runs: what is written is sent while it is being written; or nothing is before the flush; or hardly anything is kept
 * of what was sent.
 */
const manners = [
  [
    '--write-back',
    '0s',
    '--snapshot-quiet',
    '100ms',
    '--snapshot-every',
    '300ms',
    '--poll-interval',
    '200ms',
  ],
  ['--write-back', '1h', '--poll-interval', '1s'],
  ['--write-back', '100ms', '--snapshot-quiet', '1s', '--cache-size', '1M', '--poll-interval', '500ms'],
];

/**
 * One seed on a mount of a stand-in Disk, in parts. After each the mount ends, every other time by kill -9, and comes back; then all is flushed,
 * and what the server holds is compared with the model. At the end a machine that has never seen the files reads them.
 */
export async function exercise({
  seed,
  operations,
  parts,
}: Omit<Part, 'first'> & { readonly parts: number }): Promise<Done> {
  const standing = await standingDisk({ standIn: { settings: { finalAfterMs: 0, operationMs: 20 } } });
  try {
    const models = await mkdtemp(join(standing.folder, 'models-'));
    const each = Math.ceil(operations / parts);
    let bytes = 0;
    const refused = new Set<string>();
    const inManner = (part: number) => standing.mount(writable, ...(manners[part % manners.length] ?? []));
    let mount = await inManner(0);
    for (let part = 0; part < parts; part++) {
      const first = part * each;
      const count = Math.min(each, operations - first);
      const done = await work(standing.mountpoint, models, { seed, first, operations: count });
      bytes += done.bytes;
      for (const call of done.refused) refused.add(call);
      if (part % 2 === 0) await mount.kill();
      else await ended(mount);
      mount = await inManner(part + 1);
      await compare(standing.mountpoint, models, `seed ${seed}: the mount after part ${part}`);
      await flush(standing);
      await compareServed(standing, models, `seed ${seed}: the server after part ${part}`);
    }
    await ended(mount);
    await compareElsewhere(standing, models, `seed ${seed}: another machine`);
    return { operations, bytes, refused: [...refused] };
  } finally {
    await standing.close();
  }
}

export async function ended(mount: MountProcess): Promise<void> {
  const code = await mount.end();
  if (code !== 0) throw new Error(`The mount ended with ${code}:\n${mount.log().slice(-2_000)}`);
}

export async function flush({ environment, mountpoint }: StandingDisk): Promise<void> {
  const { code, stderr } = await yadiskfs(environment, 'flush', mountpoint, '--timeout', '25s');
  if (code !== 0) throw new Error(`flush ended with ${code}: ${stderr}`);
}

export async function compare(folder: string, models: string, where: string): Promise<void> {
  for (const name of await readdir(models))
    differ(await readFile(join(folder, name)), await readFile(join(models, name)), `${where}, ${name}`);
}

async function compareServed({ disk }: StandingDisk, models: string, where: string): Promise<void> {
  for (const name of await readdir(models))
    differ(disk.model.read(`disk:/${name}`), await readFile(join(models, name)), `${where}, ${name}`);
}

export async function compareElsewhere(
  { folder, environment }: StandingDisk,
  models: string,
  where: string,
): Promise<void> {
  const elsewhere = join(folder, 'elsewhere');
  const names = ['CONFIG', 'CACHE', 'STATE', 'RUNTIME'];
  const own = names.map((name) => [`YADISKFS_${name}_DIR`, join(elsewhere, name.toLowerCase())]);
  const mountpoint = join(folder, 'other');
  await mkdir(mountpoint);
  const mount = await startMount(mountpoint, { ...environment, ...Object.fromEntries(own) });
  try {
    await compare(mountpoint, models, where);
  } finally {
    await ended(mount);
  }
}

function differ(found: Uint8Array, expected: Uint8Array, where: string): void {
  if (Buffer.compare(found, expected) === 0) return;
  const at = expected.findIndex((byte, index) => found[index] !== byte);
  throw new Error(
    `${where}: ${found.length} bytes in place of ${expected.length}, the first wrong one at ${at}`,
  );
}

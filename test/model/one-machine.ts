import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pause } from '../../src/async/pause.ts';
import { Failure, failedWith } from '../../src/errors.ts';
import type { SendingNotice } from '../../src/sync/sending.ts';
import { type StandIn, startStandIn } from '../stand-in/index.ts';
import type { SettingsInput } from '../stand-in/settings.ts';
import { Machine } from './machine.ts';
import { VirtualTime } from './virtual-time.ts';

const token = 'token-one';
/** After it nothing of what was done counts as lag any more. */
const lagMs = 200_000;
/** … and of what others have done, nothing does. */
const calmMs = 20_000;
const mostRounds = 5;

/** A machine with a mount, a Disk, and time that costs nothing. */
export class OneMachine {
  readonly machine: Machine;
  readonly disk: StandIn;
  readonly notices: SendingNotice[];

  private constructor(machine: Machine, disk: StandIn, notices: SendingNotice[]) {
    this.machine = machine;
    this.disk = disk;
    this.notices = notices;
  }

  /** @param files text by path, on the Disk and known here before anything happens; a folder ends with a slash */
  static async run<T>(
    settings: SettingsInput,
    files: Readonly<Record<string, string>>,
    task: (one: OneMachine) => Promise<T>,
    writeBackMs?: number,
  ): Promise<T> {
    const folder = mkdtempSync(join(tmpdir(), 'yadiskfs-machine-'));
    try {
      return await new VirtualTime().run(async () => {
        const disk = await startStandIn({ settings, wire: { logCapacity: 0 } });
        disk.control.issueToken({ accessToken: token });
        const notices: SendingNotice[] = [];
        const one = new OneMachine(
          await Machine.start({
            ...{ name: 'HERE', apiUrl: disk.apiUrl, token, folder },
            ...(writeBackMs !== undefined && { writeBackMs }),
            onNotice: (notice) => notices.push(notice),
          }),
          disk,
          notices,
        );
        try {
          for (const [path, text] of Object.entries(files)) one.there(path, text);
          // The Disk has been as it is for a while.
          await pause(calmMs, undefined);
          await one.machine.everything();
          return await task(one);
        } finally {
          await one.machine.close();
          await disk.close();
        }
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** Others put something there. */
  there(path: string, text: string): void {
    if (path.endsWith('/')) this.disk.model.mkdir(`disk:/${path.slice(0, -1)}`, { parents: true });
    else this.disk.model.putFile(`disk:/${path}`, text);
  }

  /** A program writes a file from the beginning, and closes it. */
  async write(path: string, text: string): Promise<void> {
    const handle = await this.machine.open(path);
    await this.machine.write(handle, text, 0);
    await this.machine.closeFile(handle);
  }

  /** As `rm -r`. */
  async removeAll(path: string): Promise<void> {
    const inner = [...(await this.machine.everything())].filter(([each]) => each.startsWith(`${path}/`));
    for (const [each, { kind }] of inner.reverse())
      if (kind === 'folder') await this.machine.removeFolder(each);
      else await this.machine.unlink(each);
    if ((await this.machine.find(path)).kind === 'folder') await this.machine.removeFolder(path);
    else await this.machine.unlink(path);
  }

  /** Until everything is sent, and both sides are the same. @returns the Disk, by path. @throws Error when it does not come to that */
  async settled(): Promise<Record<string, string>> {
    let differences = '';
    for (let round = 0; round < mostRounds; round++) {
      await this.machine.queue.flush([], AbortSignal.timeout(900_000)).catch((error: unknown) => {
        if (!(error instanceof Failure) || failedWith(error, 'aborted')) throw error;
        this.machine.queue.retry([]);
      });
      await pause(round === 0 ? calmMs : lagMs, undefined);
      const [seen, there] = [await this.#seen(), this.onDisk()];
      const shownSeen = JSON.stringify(
        Object.fromEntries(Object.keys(there).map((path) => [path, seen.get(path)])),
      );
      const isSame = seen.size === Object.keys(there).length && shownSeen === JSON.stringify(this.#hashes());
      if (isSame && this.machine.local.size === 0) return there;
      differences = `seen ${JSON.stringify([...seen])}, on the Disk ${JSON.stringify(there)}, unsent ${JSON.stringify([...this.machine.local.all()])}`;
    }
    throw new Error(`Never the same: ${differences}`);
  }

  /** Every path on the Disk with its text; of folders '/'. */
  onDisk(): Record<string, string> {
    return this.#onDisk((path) => this.disk.model.read(path).toString());
  }

  /** Who has conflict copies, by the names here, with the date left out. */
  conflicts(): string[] {
    return this.machine.queue.report().conflicts.map(({ copy }) => withoutDate(copy));
  }

  #hashes(): Record<string, string> {
    return this.#onDisk((path) => {
      const node = this.disk.model.find(path);
      return (node?.kind === 'file' && node.content.digest?.md5) || '?';
    });
  }

  #onDisk(textOf: (path: string) => string): Record<string, string> {
    const { disk } = this.disk.model;
    disk.settle();
    const entries = [...disk.walk(disk.root)].map((node) => {
      const path = disk.pathOf(node).names.join('/');
      return [path, node.kind === 'dir' ? '/' : textOf(`disk:/${path}`)] as const;
    });
    return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
  }

  async #seen(): Promise<Map<string, string>> {
    const seen = new Map<string, string>();
    for (const [path, node] of await this.machine.everything())
      seen.set(path, node.kind === 'folder' ? '/' : (node.remote?.content?.md5 ?? 'unknown'));
    return seen;
  }
}

/** `doc (conflict).txt` */
export function withoutDate(path: string): string {
  return path.replace(/ \(conflict [^)]*\)/, ' (conflict)');
}

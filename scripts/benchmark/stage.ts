import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Contender } from './contenders.ts';
import type { Outcome } from './measure.ts';
import { Mounted } from './mounted.ts';
import { type Piece, type Plan, startProbe } from './probe.ts';
import type { Site } from './site.ts';
import { resetTraffic, settledTraffic } from './traffic.ts';

/** Names the folder of a scene on the Disk. */
export function rootOf(sceneNumber: number): string {
  return `scene-${sceneNumber}`;
}

/** What came of a program that ended well. */
interface Ran {
  readonly seconds: number;
  readonly stdout: string;
}

/** A scene's place for one run by one contender: what was mounted on it ends with it, and nothing of it stays. */
export class Stage {
  readonly site: Site;
  /** For files of the scene itself; gone afterwards. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** What was not as the Disk has it; empty when all was right. */
  readonly mistakes: string[] = [];
  /** How many names, sizes or parts of files were compared. */
  compared = 0;
  /** The most memory that a mount of this run had. */
  peakBytes = 0;
  readonly #contender: Contender;
  readonly #root: string;
  readonly #mounts = new Set<Mounted>();

  private constructor(
    site: Site,
    folder: string,
    contender: Contender,
    sceneNumber: number,
    signal: AbortSignal,
  ) {
    this.site = site;
    this.folder = folder;
    this.signal = signal;
    this.#contender = contender;
    this.#root = rootOf(sceneNumber);
  }

  /** Lets somebody use a stage, and clears it whatever happens. */
  static async use<T>(
    site: Site,
    contender: Contender,
    sceneNumber: number,
    signal: AbortSignal,
    task: (stage: Stage) => Promise<T>,
  ): Promise<T> {
    const folder = join(site.folder, 'stage');
    await mkdir(folder);
    const stage = new Stage(site, folder, contender, sceneNumber, signal);
    try {
      return await task(stage);
    } finally {
      for (const mounted of stage.#mounts) await mounted.stop();
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** The folder on the Disk that is mounted, as `disk:/scene-1`. */
  get diskPath(): string {
    return `disk:/${this.#root}`;
  }

  /** Mounts the scene's folder: cold the first time, and with what was kept after that. */
  async mount(): Promise<Mounted> {
    this.signal.throwIfAborted();
    const mountpoint = join(this.folder, 'mount');
    const kept = join(this.folder, 'kept');
    await mkdir(mountpoint, { recursive: true });
    await mkdir(kept, { recursive: true });
    const mounted = await Mounted.by(this.site, mountpoint, () =>
      this.#contender.start(this.site, this.#root, mountpoint, kept),
    );
    this.#mounts.add(mounted);
    return mounted;
  }

  async unmount(mounted: Mounted): Promise<void> {
    this.peakBytes = Math.max(this.peakBytes, (await mounted.memory()).peakBytes);
    await mounted.stop();
    this.#mounts.delete(mounted);
  }

  /** Has a measure taken, with the traffic and the processor time that it cost. */
  async observe(measure: string, mounted: Mounted, task: () => Promise<number | null>): Promise<Outcome> {
    await resetTraffic(this.site.control);
    const cpuBefore = await mounted.cpuSeconds();
    const value = await task();
    const traffic = await settledTraffic(this.site.control);
    const cpuSeconds = (await mounted.cpuSeconds()) - cpuBefore;
    this.peakBytes = Math.max(this.peakBytes, (await mounted.memory()).peakBytes);
    return { measure, value, traffic, cpuSeconds };
  }

  /** Runs a line of `sh` where the mount is. @throws Error with its words when it fails. */
  async run(line: string, ...args: readonly string[]): Promise<Ran> {
    const startedMs = performance.now();
    const child = this.site.spawn(['sh', '-c', line, 'sh', ...args], {
      env: { PATH: process.env['PATH'], TMPDIR: process.env['TMPDIR'], LC_ALL: 'C.UTF-8', TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal: this.signal,
    });
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
    const closed = once(child, 'close');
    child.on('error', () => {}); // told to `closed`, and once more when the signal ends it
    child.stdout?.on('data', (piece: Buffer) => stdout.push(piece));
    child.stderr?.on('data', (piece: Buffer) => stderr.push(piece));
    const [code] = await closed;
    const seconds = (performance.now() - startedMs) / 1000;
    if (code !== 0) throw new Error(`${line} ended with ${code}: ${Buffer.concat(stderr)}`);
    return { seconds, stdout: Buffer.concat(stdout).toString() };
  }

  /** Starts a program that does as planned when told to. */
  probe(plan: Plan) {
    return startProbe(this.site, plan, this.signal);
  }

  /** Drops what the kernel holds of a file's bytes, so that the next reader asks the mount for them. */
  async dropPages(file: string): Promise<void> {
    await this.run('dd if="$1" iflag=nocache count=0 status=none', file);
  }

  /** Notes what is not equal. */
  compare(name: string, got: readonly string[], wanted: readonly string[]): void {
    this.compared += wanted.length;
    const wrong = Math.max(got.length, wanted.length);
    let right = 0;
    for (const [index, one] of wanted.entries()) if (got[index] === one) right += 1;
    if (right < wrong) this.mistakes.push(`${name}: ${wrong - right} of ${wrong} are not as on the Disk`);
  }
}

/** A piece that is a whole file. */
export function wholeFile(file: string, sizeBytes: number): Piece {
  return { file, start: 0, lengthBytes: sizeBytes };
}

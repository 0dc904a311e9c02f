import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Contender, Manner } from './contenders.ts';
import { type Dates, printedSeconds } from './dates.ts';
import type { Outcome } from './measure.ts';
import { Mounted } from './mounted.ts';
import { type Plot, plantedFiles } from './planting.ts';
import { type Piece, type Plan, startProbe } from './probe.ts';
import type { Site } from './site.ts';
import { settledTraffic, type Traffic, trafficBetween, trafficSoFar } from './traffic.ts';

/** Names the folder of a scene on the Disk. */
export function rootOf(sceneNumber: number): string {
  return `scene-${sceneNumber}`;
}

/** What came of a program that ended well. */
interface Ran {
  readonly seconds: number;
  readonly stdout: string;
}

/** What is known of a mount of this run. */
interface Kept {
  readonly trafficBefore: Traffic;
  readonly manner: Manner | undefined;
}

/** A scene's place for one run by one contender: what was mounted on it ends with it, and nothing of it stays. */
export class Stage {
  readonly site: Site;
  /** For files of the scene itself; gone afterwards. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** What was not as the Disk has it; empty when all was right. */
  readonly mistakes: string[] = [];
  /** How many names, sizes, dates or parts of files were compared. */
  compared = 0;
  /** The most memory that a mount of this run had, those apart that only prepared something. */
  peakBytes = 0;
  readonly #contender: Contender;
  readonly #root: string;
  readonly #dates: Dates;
  readonly #mounts = new Map<Mounted, Kept>();

  private constructor(
    site: Site,
    folder: string,
    contender: Contender,
    sceneNumber: number,
    dates: Dates,
    signal: AbortSignal,
  ) {
    this.site = site;
    this.folder = folder;
    this.signal = signal;
    this.#contender = contender;
    this.#root = rootOf(sceneNumber);
    this.#dates = dates;
  }

  /** Lets somebody use a stage, and clears it whatever happens. @param dates of what was planted for the scene */
  static async use<T>(
    site: Site,
    contender: Contender,
    sceneNumber: number,
    dates: Dates,
    signal: AbortSignal,
    task: (stage: Stage) => Promise<T>,
  ): Promise<T> {
    const folder = join(site.folder, 'stage');
    await mkdir(folder);
    const stage = new Stage(site, folder, contender, sceneNumber, dates, signal);
    try {
      return await task(stage);
    } finally {
      for (const mounted of stage.#mounts.keys()) await mounted.stop();
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** The folder on the Disk that is mounted, as `disk:/scene-1`. */
  get diskPath(): string {
    return `disk:/${this.#root}`;
  }

  /** Whether the mount is rclone's, for scenes that ask less of it. */
  get isRclone(): boolean {
    return this.#contender.kind === 'rclone';
  }

  get #keptFolder(): string {
    return join(this.folder, 'kept');
  }

  /**
   * Mounts the scene's folder: cold the first time, and with what was kept after that.
   * @param manner `hurried` for a mount that only prepares something, `writable` for one that is written to
   */
  async mount(manner?: Manner): Promise<Mounted> {
    this.signal.throwIfAborted();
    const mountpoint = join(this.folder, 'mount');
    await mkdir(mountpoint, { recursive: true });
    await mkdir(this.#keptFolder, { recursive: true });
    const trafficBefore = await trafficSoFar(this.site.control);
    const mounted = await Mounted.by(this.site, mountpoint, () =>
      this.#contender.start(this.site, this.#root, mountpoint, this.#keptFolder, manner),
    );
    this.#mounts.set(mounted, { trafficBefore, manner });
    return mounted;
  }

  async unmount(mounted: Mounted): Promise<void> {
    await this.#notePeak(mounted);
    await mounted.stop();
    this.#mounts.delete(mounted);
  }

  async #notePeak(mounted: Mounted): Promise<void> {
    if (this.#mounts.get(mounted)?.manner === 'hurried') return;
    this.peakBytes = Math.max(this.peakBytes, (await mounted.memory()).peakBytes);
  }

  /** Has a measure taken, with the traffic and the processor time that it cost. */
  async observe(measure: string, mounted: Mounted, task: () => Promise<number | null>): Promise<Outcome> {
    const before = await trafficSoFar(this.site.control);
    const cpuBefore = await mounted.cpuSeconds();
    const value = await task();
    const after = await settledTraffic(this.site.control);
    const cpuSeconds = (await mounted.cpuSeconds()) - cpuBefore;
    await this.#notePeak(mounted);
    const atStart = this.#mounts.get(mounted)?.trafficBefore ?? before;
    const trafficInAll = trafficBetween(atStart, after);
    return { measure, value, traffic: trafficBetween(before, after), trafficInAll, cpuSeconds };
  }

  /** Waits until the mount says that all is on the server; at once for who says no such thing. @throws Error with its words */
  async flush({ mountpoint }: Mounted): Promise<void> {
    const child = this.#contender.flush?.(this.site, mountpoint, this.#keptFolder);
    if (!child) return;
    let words = '';
    child.stderr?.on('data', (piece: Buffer) => {
      words = `${words}${piece}`.slice(-4_000);
    });
    const stop = () => void child.kill('SIGKILL');
    this.signal.addEventListener('abort', stop);
    const [code] = await once(child, 'close');
    this.signal.removeEventListener('abort', stop);
    if (code !== 0) throw new Error(`flush ended with ${code}: ${words}`);
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

  /** Drops what the kernel holds of the files that an ended mount has kept: the next one has them from the local disk, as after a restart. */
  async dropKeptPages(): Promise<void> {
    await this.run(
      'find "$1" -type f -exec sync {} + && find "$1" -type f -exec dd if={} iflag=nocache count=0 status=none ";"',
      this.#keptFolder,
    );
  }

  /** Notes what is not equal, one after the other. */
  compare(name: string, got: readonly string[], wanted: readonly string[]): void {
    let right = 0;
    for (const [index, one] of wanted.entries()) if (got[index] === one) right += 1;
    this.#noteCompared(name, right, got.length, wanted.length);
  }

  /** As `compare`, in whichever order. */
  compareUnordered(name: string, got: readonly string[], wanted: Iterable<string>): void {
    const unmatched = new Set(got);
    let right = 0;
    let all = 0;
    for (const one of wanted) {
      if (unmatched.delete(one)) right += 1;
      all += 1;
    }
    this.#noteCompared(name, right, got.length, all);
  }

  /** Compares names, sizes and dates of the files in plots. It counts in no measure. */
  async compareFiles({ mountpoint }: Mounted, plots: readonly Plot[]): Promise<void> {
    const starts = plots.map(({ path }) => (path === '' ? '.' : `./${path}`));
    const line = `cd "$1" && shift && exec find "$@" -type f -printf '%p\t%s\t%T@\n'`;
    const { stdout } = await this.run(line, mountpoint, ...starts);
    const got = linesOf(stdout).map((one) => {
      const [path = '', sizeBytes = '', time = ''] = one.split('\t');
      return `${path.slice(2)} ${sizeBytes} ${printedSeconds(time)}`;
    });
    const wanted = plantedFiles(plots).map(({ path, content }) => this.wantedLine(path, content.sizeBytes));
    this.compareUnordered('sizes and dates', got, wanted);
  }

  /** Path, size and date of a file, as the Disk has them. */
  wantedLine(path: string, sizeBytes: number): string {
    return `${path} ${sizeBytes} ${this.#dates.of(path)}`;
  }

  #noteCompared(name: string, right: number, gotCount: number, wantedCount: number): void {
    this.compared += wantedCount;
    const all = Math.max(gotCount, wantedCount);
    if (right < all) this.mistakes.push(`${name}: ${all - right} of ${all} are not as on the Disk`);
  }
}

/** What a program printed, by line. */
export function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

/** A piece that is a whole file. */
export function wholeFile(file: string, sizeBytes: number): Piece {
  return { file, start: 0, lengthBytes: sizeBytes };
}

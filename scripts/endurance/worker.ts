import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { md5 } from '../../test/model/ledger.ts';
import { type Random, seededRandom } from '../../test/stand-in/random.ts';
import { Hands, type Held, type Scan, Wrong } from './hands.ts';
import type { Order, Word } from './work.ts';

/*
 * Works in a folder as people and their programs do, at a human to a brisk pace, until its stdin ends. All that it writes is written by nobody else. Started by
 * work.ts with an order in JSON; answers with lines of JSON.
 */

/** Few, so that the same ones are met again and again. */
const names = ['a', 'b.txt', 'c', 'Папка', 'notes.md', 'é', 'f.jpg', 'Отчёт 2026.ods', 'x y', 'data.csv'];
const deepest = 3;
/** Beyond it more is removed than made. */
const mostEntries = 90;
const mostHeld = 3;
/** What has grown so far is written anew, not appended to. */
const mostAppendedBytes = 96 << 10;

class Worker {
  readonly #order: Order;
  readonly #random: Random;
  readonly #hands: Hands;
  readonly #held: { readonly held: Held; readonly path: string; readonly untilMs: number }[] = [];
  #made = 0;

  constructor(order: Order) {
    this.#order = order;
    this.#random = seededRandom(order.seed);
    this.#hands = new Hands(order.folder, order.twin);
  }

  /** One act. What cannot be done since others were faster is said, and that is all. */
  act(): void {
    const due = this.#held.findIndex(({ untilMs }) => untilMs < performance.now());
    if (due >= 0) this.#attempt('release', () => this.#release(due));
    let all: Scan | undefined;
    this.#attempt('look', () => {
      all = this.#look();
      return '';
    });
    if (!all) return;
    const scan = all;
    const [name, act] = this.#pick(scan);
    this.#attempt(name, () => act(scan));
  }

  end(): void {
    while (this.#held.length > 0) this.#attempt('release', () => this.#release(0));
  }

  /** Bursts, and now and then a rest. */
  restMs(): number {
    const { pace } = this.#order;
    const fraction = this.#random.fraction();
    if (fraction < 0.6) return pace * (30 + this.#random.below(300));
    if (fraction < 0.97) return pace * (300 + this.#random.below(1_200));
    return pace * (2_000 + this.#random.below(6_000));
  }

  #pick(all: Scan): readonly [string, (all: Scan) => string] {
    const acts: readonly (readonly [number, string, (all: Scan) => string])[] = [
      [all.size < mostEntries ? 9 : 1, 'create', this.#create],
      [5, 'overwrite', this.#overwrite],
      [5, 'append', this.#append],
      [6, 'save', this.#save],
      [5, 'rename', (scan) => this.#rename(scan, false)],
      [5, 'move', (scan) => this.#rename(scan, true)],
      [all.size < mostEntries ? 4 : 1, 'make folder', this.#makeFolder],
      [all.size < mostEntries ? 3 : 8, 'remove', this.#remove],
      [all.size < mostEntries ? 1 : 4, 'remove tree', this.#removeTree],
      [all.size < mostEntries ? 3 : 1, 'copy', this.#copy],
      [this.#held.length < mostHeld ? 1 : 0, 'hold', this.#hold],
      [1, 'date', this.#date],
      [4, 'read', this.#read],
    ];
    let left = this.#random.fraction() * acts.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, name, act] of acts) {
      left -= weight;
      if (left < 0) return [name, act.bind(this)];
    }
    return ['look', () => ''];
  }

  /** @param act returns the path that it was about */
  #attempt(name: string, act: () => string): void {
    const startedMs = performance.now();
    const ended = (code: string, path: string) =>
      this.#say({ kind: 'act', act: name, code, ms: Math.round(performance.now() - startedMs), path });
    try {
      const path = act();
      if (name !== 'look') ended('done', path);
    } catch (error) {
      if (error instanceof Wrong) {
        this.#say({ kind: 'wrong', words: `${name}: ${error.message}` });
        return;
      }
      const { code, path, dest } = error as NodeJS.ErrnoException & { readonly dest?: string };
      if (code === undefined) throw error;
      ended(code, dest === undefined ? (path ?? '') : `${path} -> ${dest}`);
    }
  }

  #look(): Scan {
    const seen = this.#hands.scan();
    const twin = this.#hands.twinScan();
    if (!twin) return seen;
    const differing = [...new Set([...seen.keys(), ...twin.keys()])].filter(
      (path) => seen.get(path) !== twin.get(path),
    );
    if (differing.length > 0)
      throw new Wrong(
        differing
          .slice(0, 5)
          .map((path) => `${path}: ${seen.get(path)} in the mount, ${twin.get(path)} in the twin`)
          .join('; '),
      );
    return seen;
  }

  // Acts

  #create(all: Scan): string {
    const path = this.#free(all);
    this.#make(this.#content(), (bytes) => this.#hands.create(path, bytes, this.#chance(0.2)));
    return path;
  }

  #overwrite(all: Scan): string {
    return this.#withOpen(this.#file(all), (held) => {
      const before = this.#hands.readHeld(held);
      this.#make(this.#content(), (bytes) => this.#hands.overwrite(held, bytes, this.#chance(0.6)), held);
      this.#end(before, 'overwritten');
    });
  }

  #append(all: Scan): string {
    return this.#withOpen(this.#file(all), (held) => {
      const before = this.#hands.readHeld(held);
      if (before.length > mostAppendedBytes)
        this.#make(this.#content(), (bytes) => this.#hands.overwrite(held, bytes, true), held);
      else {
        const more = Buffer.from(`+ ${this.#order.who} ${++this.#made}\n`);
        const whole = Buffer.concat([before, more]);
        this.#make(whole, () => this.#hands.append(held, before.length, more), held);
      }
      this.#end(before, 'appended to');
    });
  }

  /** As editors do. */
  #save(all: Scan): string {
    const path = this.#chance(0.8) ? this.#file(all) : this.#free(all);
    const [folder, name] = split(path);
    const temporary = under(
      folder,
      this.#chance(0.5) ? `.${name}.swp` : `${name}.tmp${this.#random.below(100)}`,
    );
    this.#make(this.#content(), (bytes) => this.#hands.create(temporary, bytes, this.#chance(0.5)));
    const replaced = this.#hands.rename(temporary, path);
    if (replaced) this.#end(replaced, 'replaced');
    return path;
  }

  #rename(all: Scan, toOtherFolder: boolean): string {
    const path = this.#one([...all.keys()]);
    const [folder] = split(path);
    const into = toOtherFolder ? this.#folder(all) : folder;
    const to = under(into, this.#chance(0.5) ? this.#name() : (split(path)[1] ?? ''));
    const depth = to.split('/').length;
    if (to === path || to.startsWith(`${path}/`) || depth > deepest + 1) throw nothing();
    const replaced = this.#hands.rename(path, to);
    if (replaced) this.#end(replaced, 'replaced by what was renamed');
    return `${path} -> ${to}`;
  }

  #makeFolder(all: Scan): string {
    const path = this.#free(all);
    if (path.split('/').length > deepest) throw nothing();
    this.#hands.makeFolder(path);
    return path;
  }

  #remove(all: Scan): string {
    const path = this.#file(all);
    const seen = this.#hands.unlink(path);
    if (seen) this.#end(seen, 'removed');
    return path;
  }

  #removeTree(all: Scan): string {
    const folders = [...all].filter(([, kind]) => kind === 'folder').map(([path]) => path);
    const top = this.#one(folders);
    // As rm does: what is in it is looked for when it comes to that.
    const inner = [...this.#hands.scan()].filter(([path]) => path.startsWith(`${top}/`));
    for (const [path, kind] of inner.reverse()) {
      if (kind === 'folder') this.#hands.removeFolder(path);
      else {
        const seen = this.#hands.unlink(path);
        if (seen) this.#end(seen, 'removed with its folder');
      }
    }
    this.#hands.removeFolder(top);
    return top;
  }

  #copy(all: Scan): string {
    const [from, to] = [this.#file(all), this.#free(all)];
    const bytes = this.#hands.read(from);
    this.#hands.create(to, bytes, false);
    this.#say({ kind: 'copied', hash: md5(bytes), text: textOf(bytes) });
    return `${from} -> ${to}`;
  }

  #hold(all: Scan): string {
    const path = this.#file(all);
    const held = this.#hands.open(path);
    this.#held.push({ held, path, untilMs: performance.now() + 1_000 + this.#random.below(25_000) });
    const before = this.#hands.readHeld(held);
    this.#make(this.#content(), (bytes) => {
      this.#hands.overwrite(held, bytes, true);
      this.#hands.sync(held);
    });
    this.#end(before, 'overwritten');
    return path;
  }

  /** Written once more, and closed. */
  #release(index: number): string {
    const [one] = this.#held.splice(index, 1);
    if (!one) throw nothing();
    const { held, path } = one;
    let isClosed = false;
    try {
      const before = this.#hands.readHeld(held);
      const overwrite = (bytes: Buffer) => {
        this.#hands.overwrite(held, bytes, this.#chance(0.5));
        isClosed = true;
        this.#hands.close(held);
      };
      if (this.#hands.isRemoved(held)) overwrite(this.#content());
      else {
        this.#make(this.#content(), overwrite);
        this.#end(before, 'overwritten');
      }
    } finally {
      if (!isClosed) this.#hands.close(held);
    }
    return path;
  }

  #date(all: Scan): string {
    const path = this.#file(all);
    this.#hands.date(path, 1e9 + this.#random.below(7e8));
    return path;
  }

  #read(all: Scan): string {
    const path = this.#file(all);
    this.#hands.read(path);
    return path;
  }

  // What they are made of

  /** @param held is closed when all is written */
  #make(bytes: Buffer, write: (bytes: Buffer) => void, held?: Held): void {
    const hash = md5(bytes);
    this.#say({ kind: 'making', hash, text: textOf(bytes) });
    write(bytes);
    if (held) this.#close(held);
    this.#say({ kind: 'made', hash });
  }

  readonly #closed = new Set<Held>();

  #close(held: Held): void {
    this.#closed.add(held);
    this.#hands.close(held);
  }

  #withOpen(path: string, task: (held: Held) => void): string {
    const held = this.#hands.open(path);
    try {
      task(held);
    } finally {
      if (!this.#closed.delete(held)) this.#hands.close(held);
    }
    return path;
  }

  #end(bytes: Buffer, how: string): void {
    this.#say({ kind: 'ended', hash: md5(bytes), how: `${how} by ${this.#order.who}` });
  }

  #content(): Buffer {
    const text = `${this.#order.who} ${++this.#made}\n`;
    const fraction = this.#random.fraction();
    const sizeBytes =
      fraction < 0.1 ? 0 : this.#random.below(fraction < 0.8 ? 4_000 : fraction < 0.99 ? 80_000 : 3_000_000);
    return Buffer.concat([Buffer.from(text), Buffer.alloc(sizeBytes, text)]);
  }

  #file(all: Scan): string {
    return this.#one([...all].filter(([, kind]) => kind === 'file').map(([path]) => path));
  }

  #folder(all: Scan): string {
    return this.#one(['', ...[...all].filter(([, kind]) => kind === 'folder').map(([path]) => path)]);
  }

  /** A path where nothing was just now. */
  #free(all: Scan): string {
    const path = under(this.#folder(all), this.#name());
    if (all.has(path) || path.split('/').length > deepest + 1) throw nothing();
    return path;
  }

  #name(): string {
    return this.#one(names);
  }

  #one<T>(values: readonly T[]): T {
    const value = values[this.#random.below(values.length)];
    if (value === undefined) throw nothing();
    return value;
  }

  #chance(probability: number): boolean {
    return this.#random.fraction() < probability;
  }

  #say(word: Word): void {
    const line = JSON.stringify(word);
    process.stdout.write(`${line}\n`);
    appendFileSync(this.#order.journal, `${new Date().toISOString()} ${line}\n`);
  }
}

/** There is nothing for such an act. */
function nothing(): Error {
  return Object.assign(new Error('nothing to do'), { code: 'nothing' });
}

function textOf(bytes: Buffer): string {
  return bytes.subarray(0, 40).toString().split('\n')[0]?.slice(0, 30) ?? '';
}

function split(path: string): [folder: string, name: string] {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? ['', path] : [path.slice(0, slash), path.slice(slash + 1)];
}

function under(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

const worker = new Worker(JSON.parse(process.argv[2] ?? '') as Order);
let isOver = false;
process.stdin.resume().once('end', () => {
  isOver = true;
});
while (!isOver) {
  worker.act();
  await sleep(worker.restMs());
}
worker.end();
process.exit(0);

import { join } from 'node:path';
import { pause } from '../../src/async/pause.ts';
import { Failure } from '../../src/errors.ts';
import type { SendingNotice } from '../../src/sync/sending.ts';
import type { ShownNode } from '../../src/tree/shown-node.ts';
import { hashNow } from '../stand-in/content/content.ts';
import { type StandIn, startStandIn } from '../stand-in/index.ts';
import type { FolderNode } from '../stand-in/model/nodes.ts';
import { Refusal } from '../stand-in/model/refusal.ts';
import type { SettingsInput } from '../stand-in/settings.ts';
import type { Act, Weather, WebAct } from './acts.ts';
import { Ledger, md5 } from './ledger.ts';
import { Machine } from './machine.ts';
import { ServerWatch } from './server-watch.ts';

const names = ['one', 'two'] as const;
type Who = (typeof names)[number];

const longestGateMs = 30_000;
const flushMs = 900_000;
/** After it nothing of what was done counts as lag any more. */
const lagMs = 200_000;
const mostRounds = 6;
/** More than there are folders; and longer than a mount waits between two of its checks. */
const mostLooks = 20;
const lookPauseMs = 6_000;
/** No listing lags for so long. */
const calmMs = 3_000;

const requests = ['resources.get', 'disk', 'resources.upload-link'];
const changes = ['resources.put', 'resources.delete', 'resources.move', 'resources.patch', 'uploader.put'];

/** Two machines, somebody at the web, and the Disk. */
export class World {
  readonly ledger = new Ledger();
  /** What was done, in words. */
  readonly story: string[] = [];
  readonly #disk: StandIn;
  readonly #watch: ServerWatch;
  readonly #machines = new Map<Who, Machine>();
  /** Bytes of ours by node, as programs wrote them last. */
  readonly #written = new Map<string, string>();
  readonly #held: { readonly who: Who; readonly handle: number; readonly path: string }[] = [];
  /** What programs have renamed, in order. */
  readonly #renames: { readonly who: Who; readonly from: string; readonly to: string }[] = [];
  readonly #last = new Map<Who, { readonly path: string; readonly text: string }>();
  readonly #mistakes: string[] = [];
  readonly #kept = new Set<string>();
  #isCut = false;
  #flushMs = 0;

  private constructor(disk: StandIn) {
    this.#disk = disk;
    const tokens = new Map(names.map((name) => [`token-${name}`, name]));
    for (const token of tokens.keys()) disk.control.issueToken({ accessToken: token });
    this.#watch = new ServerWatch(disk, this.ledger, tokens, () => performance.now());
  }

  static async begin(folder: string, settings: SettingsInput, weather: Weather): Promise<World> {
    const disk = await startStandIn({ settings, wire: { logCapacity: 0 } });
    const world = new World(disk);
    world.#web(() => {
      for (const path of ['a', 'b/d']) disk.model.mkdir(`disk:/${path}`, { parents: true });
      for (const path of ['c.txt', 'a/b', 'b/d/c.txt', 'b/a'])
        world.#put(path, world.ledger.make('web', false));
    });
    // Whoever mounts sees all of it.
    await pause(calmMs, undefined);
    for (const name of names) {
      const machine = await Machine.start({
        name,
        apiUrl: disk.apiUrl,
        token: `token-${name}`,
        folder: join(folder, name),
        onNotice: (notice) => world.#onNotice(name, notice),
      });
      world.#machines.set(name, machine);
      await machine.everything();
    }
    world.#watch.begin();
    world.#addWeather(weather);
    return world;
  }

  /** How long all machines together took to send what was unsent in the end, one after the other. */
  get flushMs(): number {
    return this.#flushMs;
  }

  get fellIntoTheGap(): number {
    return this.#watch.fellIntoTheGap;
  }

  async close(): Promise<void> {
    for (const machine of this.#machines.values()) await machine.close();
    await this.#disk.close();
  }

  /** What cannot be done is left out. */
  async perform(act: Act): Promise<void> {
    try {
      const told = await this.#perform(act);
      this.#tell(told ?? `${act.kind} came to nothing`);
    } catch (error) {
      if (!(error instanceof Failure) && !(error instanceof Refusal)) throw error;
      this.#tell(
        `${act.kind} ${'who' in act ? act.who : ''}: ${error instanceof Failure ? `${error.code} (${error.message})` : error.message}`,
      );
    }
  }

  /** All goes well from now on: everything is sent, and everybody looks. @returns what is wrong */
  async outcome(): Promise<string[]> {
    this.#disk.wire.faults.clear();
    for (const gate of this.#disk.wire.gates()) gate.release();
    if (this.#isCut) await this.#restore();
    for (const { who, handle } of this.#held.splice(0))
      if (this.#machine(who).isOpen(handle)) await this.#machine(who).closeFile(handle);
    let differences: string[] = [];
    for (let round = 0; round < mostRounds; round++) {
      const startedAtMs = performance.now();
      for (const [who, machine] of this.#machines) await this.#flush(who, machine);
      this.#flushMs = Math.max(this.#flushMs, performance.now() - startedAtMs);
      await pause(lagMs, undefined);
      differences = await this.#differences();
      // A change of which the revision says nothing is found by looks, a folder at a time.
      for (let looks = 0; looks < mostLooks && differences.length > 0; looks++) {
        await pause(lookPauseMs, undefined);
        differences = await this.#differences();
      }
      if (differences.length === 0) break;
    }
    const { root, trash } = this.#disk.model.disk;
    const kept = new Set([...this.#kept, ...this.#hashesIn(root)]);
    const found = new Set([...kept, ...this.#hashesIn(trash)]);
    const missing = this.ledger.missing(found).map((text) => `nowhere any more: ${text}`);
    // Whoever deleted it had not seen it.
    const unseen = this.ledger
      .missing(kept)
      .map((text) => `in the trash, or nowhere, and nobody wanted that: ${text}`);
    return [...this.#mistakes, ...differences, ...missing, ...unseen];
  }

  #tell(text: string): void {
    this.story.push(`${(performance.now() / 1000).toFixed(1)} s: ${text}`);
  }

  #machine(who: Who): Machine {
    const machine = this.#machines.get(who);
    if (!machine) throw new Error(`No such machine: ${who}`);
    return machine;
  }

  #onNotice(who: Who, notice: SendingNotice): void {
    switch (notice.kind) {
      case 'conflict': {
        const { id, path, copy } = notice.conflict;
        this.#tell(`${who}: CONFLICT ${path} -> ${copy}`);
        // A folder above may be moved here and not there yet.
        const onDisk = `${this.#machine(who).folderOnDisk(id)}/${path.slice(path.lastIndexOf('/') + 1)}`;
        const places = [onDisk, ...this.#namesOf(who, path).map((name) => `disk:/${name}`)];
        if (!places.some((place) => this.#watch.othersChanged(place, who)))
          this.#mistakes.push(`${who} made a conflict copy of ${path}, which nobody else had changed`);
        return;
      }
      case 'failed':
        this.#tell(`${who}: failed ${notice.path}: ${notice.error}${causeOf(notice.error)}`);
        if (!(notice.error instanceof Failure))
          this.#mistakes.push(`${who}: ${notice.error instanceof Error ? notice.error.stack : notice.error}`);
        return;
      case 'gave-way':
        this.#tell(`${who}: gave way: ${notice.what} of ${notice.path}`);
        return;
      case 'respelt':
        this.#tell(`${who}: respelt ${notice.asked} as ${notice.shown}`);
    }
  }

  /** The path, and those before it: others go on changing what was renamed here and not there yet. */
  #namesOf(who: Who, path: string): string[] {
    const names = [path];
    let name = path;
    for (const { who: by, from, to } of this.#renames.toReversed()) {
      if (by !== who || (name !== to && !name.startsWith(`${to}/`))) continue;
      name = from + name.slice(to.length);
      names.push(name);
    }
    return names;
  }

  #addWeather(weather: Weather): void {
    const { faults } = this.#disk.wire;
    if (weather === 'lossy') {
      faults.add({ route: changes, fault: { kind: 'lost-reply' }, probability: 0.12 });
      faults.add({ route: [...changes, ...requests], fault: { kind: 'reset' }, probability: 0.06 });
    }
    if (weather === 'refusing') {
      const locked = { kind: 'status', status: 423, error: 'DiskResourceLockedError' } as const;
      faults.add({ route: changes.slice(0, 4), fault: locked, probability: 0.15 });
      faults.add({
        route: [...changes, ...requests],
        fault: { kind: 'status', status: 503 },
        probability: 0.08,
      });
    }
  }

  // Acts

  /** @returns what was done, in words; undefined: nothing */
  async #perform(act: Act): Promise<string | undefined> {
    switch (act.kind) {
      case 'pause':
        await pause(act.ms, undefined);
        return `pause ${act.ms}`;
      case 'flush':
        await this.#machine(act.who).queue.flush([], AbortSignal.timeout(20_000));
        return `${act.who} is flushed`;
      case 'restart':
        await this.#machine(act.who).restart();
        return `${act.who} is restarted`;
      case 'crash':
        await this.#machine(act.who).crash();
        return `${act.who} crashes`;
      case 'cut':
        if (this.#isCut) return undefined;
        this.#disk.wire.cut(act.isBlackHole ? { fresh: 'black-hole', existing: 'freeze' } : {});
        this.#isCut = true;
        return 'the network is gone';
      case 'restore':
        if (!this.#isCut) return undefined;
        await this.#restore();
        return 'the network is back';
      case 'during':
        return this.#during(act.at, act.act);
      case 'hold':
      case 'release':
        return act.kind === 'hold' ? this.#hold(act.who, act.entry) : this.#release(act.who);
      case 'write':
      case 'overwrite':
      case 'append':
      case 'make-folder':
      case 'rename':
      case 'remove':
      case 'touch':
      case 'look':
        return this.#program(act);
      default:
        return this.#webAct(act);
    }
  }

  async #restore(): Promise<void> {
    this.#isCut = false;
    await this.#disk.wire.restore();
  }

  async #during(
    [route, stage]: Extract<Act, { kind: 'during' }>['at'],
    act: WebAct,
  ): Promise<string | undefined> {
    const gate = this.#disk.wire.hold({ route, stage });
    const isThere = await Promise.race([
      gate.arrived().then(
        () => true,
        () => false,
      ),
      pause(longestGateMs, undefined).then(() => false),
    ]);
    try {
      if (!isThere) return undefined;
      const what = this.#webAct(act);
      return what && `while ${route} is held ${stage}: ${what}`;
    } finally {
      gate.release();
    }
  }

  async #program(
    act: Extract<
      Act,
      { kind: 'write' | 'overwrite' | 'append' | 'make-folder' | 'rename' | 'remove' | 'touch' | 'look' }
    >,
  ): Promise<string | undefined> {
    const { who } = act;
    const machine = this.#machine(who);
    const all = await machine.everything();
    if (act.kind === 'look') return `${who} looks`;
    const of = (kind: ShownNode['kind']) =>
      [...all].flatMap(([path, node]) => (node.kind === kind ? [path] : []));
    const folder = 'folder' in act ? picked(['', ...of('folder')], act.folder) : undefined;
    const target =
      folder === undefined || !('name' in act) ? '' : folder === '' ? act.name : `${folder}/${act.name}`;
    const needsFile = act.kind === 'overwrite' || act.kind === 'append';
    const entry = 'entry' in act ? picked(needsFile ? of('file') : [...all.keys()], act.entry) : undefined;
    if ('entry' in act && entry === undefined) return undefined;
    switch (act.kind) {
      case 'write':
        return this.#write(who, target, this.ledger.make(who, act.isLong));
      case 'overwrite':
        return this.#write(who, entry ?? '', this.ledger.make(who, false));
      case 'append':
        return this.#append(who, entry ?? '');
      case 'make-folder':
        await machine.makeFolder(target);
        return `${who} makes the folder ${target}`;
      case 'rename': {
        const replaced = all.get(target);
        const seen = replaced && this.#seen(who, replaced);
        await machine.rename(entry ?? '', target);
        this.#renames.push({ who, from: entry ?? '', to: target });
        if (target !== entry) for (const hash of seen ?? []) this.ledger.end(hash, `replaced by ${who}`);
        return `${who} renames ${entry} to ${target}`;
      }
      case 'remove':
        await this.#remove(who, entry ?? '', all);
        return `${who} removes ${entry}`;
      case 'touch':
        await machine.touch(entry ?? '', { sec: act.sec, nsec: 0 });
        return `${who} dates ${entry}`;
    }
  }

  /** All that a program sees of a file when it looks now: our bytes of it, or those of the server; and those that ours were made from. */
  #seen(who: Who, { id, local, remote }: Pick<ShownNode, 'id' | 'local' | 'remote'>): string[] {
    const ours = local?.draft ? this.#written.get(`${who} ${id}`) : undefined;
    const theirs = [local?.base, local?.replaces?.base].map((base) => base?.content?.md5);
    const shown = local?.draft ? undefined : remote?.content?.md5;
    return [ours === undefined ? undefined : md5(ours), ...theirs, shown].flatMap((hash) => hash ?? []);
  }

  async #write(who: Who, path: string, text: string): Promise<string> {
    const machine = this.#machine(who);
    const handle = await machine.open(path);
    const node = machine.node(handle);
    try {
      await machine.write(handle, text, 0);
    } finally {
      if (machine.isOpen(handle)) await machine.closeFile(handle);
    }
    this.#wrote(who, path, node, text);
    return `${who} writes ${path}: ${text.slice(0, 30)}`;
  }

  #wrote(who: Who, path: string, before: ShownNode, text: string): void {
    for (const hash of this.#seen(who, before)) this.ledger.end(hash, `overwritten by ${who}`);
    this.ledger.note(who, text, true);
    this.#written.set(`${who} ${before.id}`, text);
    this.#last.set(who, { path, text });
  }

  async #append(who: Who, path: string): Promise<string> {
    const machine = this.#machine(who);
    const handle = await machine.open(path);
    const node = machine.node(handle);
    let text: string;
    try {
      const before = await machine.read(handle);
      const more = ` + ${this.ledger.make(who, false)}`;
      text = before + more;
      await machine.write(handle, more, Buffer.byteLength(before));
    } finally {
      await machine.closeFile(handle);
    }
    this.#wrote(who, path, node, text);
    return `${who} appends to ${path}: ${text}`;
  }

  /** It stays open, and is synced. */
  async #hold(who: Who, number: number): Promise<string | undefined> {
    const machine = this.#machine(who);
    const files = [...(await machine.everything())].flatMap(([path, { kind }]) =>
      kind === 'file' ? [path] : [],
    );
    const path = picked(files, number);
    if (path === undefined) return undefined;
    const handle = await machine.open(path);
    const node = machine.node(handle);
    this.#held.push({ who, handle, path });
    const text = this.ledger.make(who, false);
    await machine.write(handle, text, 0);
    await machine.sync(handle);
    this.#wrote(who, path, node, text);
    return `${who} opens ${path} and writes: ${text}`;
  }

  async #release(who: Who): Promise<string | undefined> {
    const index = this.#held.findIndex((held) => held.who === who);
    const [held] = index < 0 ? [] : this.#held.splice(index, 1);
    const machine = this.#machine(who);
    if (!held || !machine.isOpen(held.handle)) return undefined;
    const node = machine.node(held.handle);
    const text = this.ledger.make(who, false);
    const isThere = node.local?.state !== 'deleted';
    try {
      await machine.write(held.handle, text, 0);
    } finally {
      await machine.closeFile(held.handle);
    }
    if (isThere) this.#wrote(who, held.path, node, text);
    return `${who} writes to what was ${held.path} and closes it: ${text}`;
  }

  async #remove(who: Who, path: string, all: ReadonlyMap<string, ShownNode>): Promise<void> {
    const machine = this.#machine(who);
    const inner = [...all.keys()].filter((each) => each.startsWith(`${path}/`));
    for (const each of [...inner.reverse(), path]) {
      const node = await machine.find(each);
      if (node.kind === 'folder') await machine.removeFolder(each);
      else {
        await machine.unlink(each);
        for (const hash of this.#seen(who, node)) this.ledger.end(hash, `removed by ${who}`);
      }
    }
  }

  #isBeingRemoved(who: Who, hash: string): boolean {
    return [...this.#machine(who).local.all()].some(
      (local) => local.state === 'deleted' && this.#seen(who, { id: local.id, local }).includes(hash),
    );
  }

  // The web

  #web<T>(task: () => T): T {
    return this.#watch.as('web', task);
  }

  #put(path: string, text: string): void {
    this.#disk.model.putFile(`disk:/${path}`, text, { parents: false });
    this.ledger.note('web', text, true);
  }

  #webAct(act: WebAct): string | undefined {
    return this.#web(() => this.#doWebAct(act));
  }

  #doWebAct(act: WebAct): string | undefined {
    const { model } = this.#disk;
    const { disk } = model;
    disk.settle();
    const nodes = [...disk.walk(disk.root)];
    const pathOf = (node: (typeof nodes)[number] | undefined) =>
      node ? disk.pathOf(node).names.join('/') : '';
    const folders = ['', ...nodes.filter(({ kind }) => kind === 'dir').map(pathOf)];
    const files = nodes.filter(({ kind }) => kind === 'file');
    const under = (folder: string | undefined, name: string) => (folder ? `${folder}/${name}` : name);
    switch (act.kind) {
      case 'web-create': {
        const path = under(picked(folders, act.folder), act.name);
        const text = this.ledger.make('web', false);
        if (model.find(`disk:/${path}`)) return undefined;
        this.#put(path, text);
        return `web creates ${path}: ${text}`;
      }
      case 'web-change': {
        const path = pathOf(picked(files, act.entry));
        if (path === '') return undefined;
        const text = this.ledger.make('web', false);
        this.#put(path, text);
        return `web changes ${path}: ${text}`;
      }
      case 'web-same': {
        const last = this.#last.get(act.who);
        const there = model.find(`disk:/${last?.path}`);
        if (!last || there?.kind === 'dir') return undefined;
        // What is there already is not made anew: who removes it here had seen it. Nor are bytes whose removal is on its way: nobody can tell them from those.
        const isThere = there && hashNow(there.content).md5 === md5(last.text);
        if (isThere || this.#isBeingRemoved(act.who, md5(last.text)))
          model.putFile(`disk:/${last.path}`, last.text, { parents: false });
        else this.#put(last.path, last.text);
        return `web puts the same at ${last.path}`;
      }
      case 'web-move': {
        const from = pathOf(picked(nodes, act.entry));
        const to = under(picked(folders, act.folder), act.name);
        if (from === '') return undefined;
        model.move(`disk:/${from}`, `disk:/${to}`);
        return `web moves ${from} to ${to}`;
      }
      case 'web-remove': {
        const path = pathOf(picked(nodes, act.entry));
        if (path === '') return undefined;
        model.remove(`disk:/${path}`);
        return `web removes ${path}`;
      }
      case 'web-other-kind': {
        const node = picked(nodes, act.entry);
        const path = pathOf(node);
        if (!node) return undefined;
        model.remove(`disk:/${path}`);
        if (node.kind === 'file') model.mkdir(`disk:/${path}`);
        else this.#put(path, this.ledger.make('web', false));
        return `web replaces ${path} by the other kind`;
      }
      case 'web-properties': {
        const written = act.writtenBy && this.#last.get(act.writtenBy)?.path;
        const path = written ?? pathOf(picked(nodes, act.entry));
        if (path === '') return undefined;
        if (act.isPublished) model.publish(`disk:/${path}`);
        else model.patch(`disk:/${path}`, { somebody: 'else' });
        return `web sets properties of ${path}`;
      }
    }
  }

  // The end

  async #flush(who: Who, machine: Machine): Promise<void> {
    try {
      await machine.queue.flush([], AbortSignal.timeout(flushMs));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.#tell(`${who} cannot be flushed: ${error.message}`);
      for (const node of [...machine.local.all()]) await this.#giveUp(who, machine, node.id);
    }
  }

  /** What cannot be sent any more is kept for people; one of them takes it, and discards it. */
  async #giveUp(who: Who, machine: Machine, id: number): Promise<void> {
    const node = machine.local.node(id);
    if (!node?.trouble) return;
    if (node.trouble.retryAtMs !== undefined || node.trouble.code === 'unfinished') {
      machine.queue.retry([]);
      return;
    }
    const text = this.#written.get(`${who} ${id}`);
    if (text !== undefined) this.#kept.add(md5(text));
    this.#tell(`${who} gives up ${node.name}: ${node.trouble.message}`);
    for (const { path } of machine.queue.report().unsent) await machine.queue.discard(path).catch(() => {});
  }

  #hashesIn(top: FolderNode): string[] {
    const { disk } = this.#disk.model;
    disk.settle();
    return [...disk.walk(top)].flatMap((node) => (node.kind === 'file' ? [hashNow(node.content).md5] : []));
  }

  /** What anybody sees that is not so on the Disk. */
  async #differences(): Promise<string[]> {
    const { disk } = this.#disk.model;
    disk.settle();
    const there = new Map(
      [...disk.walk(disk.root)].map((node) => [
        disk.pathOf(node).names.join('/'),
        node.kind === 'dir' ? 'folder' : this.ledger.nameOf(hashNow(node.content).md5),
      ]),
    );
    const differences: string[] = [];
    for (const [who, machine] of this.#machines) {
      const seen = new Map<string, string>();
      try {
        for (const [path, node] of await machine.everything())
          seen.set(path, node.kind === 'folder' ? 'folder' : this.#shownBytes(who, node));
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        differences.push(`${who} cannot look at everything: ${error.message}`);
        continue;
      }
      for (const path of new Set([...there.keys(), ...seen.keys()])) {
        const [here, onDisk] = [seen.get(path) ?? 'nothing', there.get(path) ?? 'nothing'];
        if (here !== onDisk) differences.push(`${who} sees ${here} at ${path}, where the Disk has ${onDisk}`);
      }
      for (const node of machine.local.all())
        differences.push(`${who} has not done with ${node.name}: ${JSON.stringify(node)}`);
    }
    return differences;
  }

  #shownBytes(who: Who, { id, local, remote }: ShownNode): string {
    const ours = local?.draft && this.#written.get(`${who} ${id}`);
    return this.ledger.nameOf(ours === undefined ? (remote ?? local?.base)?.content?.md5 : md5(ours));
  }
}

function picked<T>(values: readonly T[], number: number): T | undefined {
  return values[number % Math.max(1, values.length)];
}

function causeOf(error: unknown): string {
  return error instanceof Failure && error.code === 'local' ? ` (${error.cause})` : '';
}

import { z } from 'zod';
import { hashNow } from '../stand-in/content/content.ts';
import type { StandIn } from '../stand-in/index.ts';
import type { FileNode, Node } from '../stand-in/model/nodes.ts';
import { formatPath } from '../stand-in/model/path.ts';
import type { Exchange, Reply } from '../stand-in/wire/index.ts';
import type { Ledger } from './ledger.ts';

/** Somebody changed something there: other bytes, another place, gone. Never a property alone. */
interface Mutation {
  readonly by: string;
  readonly path: string;
  /** The last time that he did. */
  atMs: number;
}

/** A moment: events of one millisecond have an order, too. */
interface Moment {
  readonly atMs: number;
  readonly number: number;
}

/** What one machine has asked about one path last. */
interface Asked {
  look: Moment;
  link: Moment;
}

const changes = ['resources.put', 'resources.delete', 'resources.move', 'resources.copy', 'uploader.put'];
/** Of whom and where; beyond, the older half is forgotten. No case of the model comes near it. */
const mostMutations = 50_000;
/** From a request to its effect, beside what the settings say. */
const longestOnItsWayMs = 60_000;
const never: Moment = { atMs: Number.NEGATIVE_INFINITY, number: 0 };

/**
 * Looks over the server's shoulder: who changes what, and whether somebody put something in the place of what he could not have seen.
 *
 * The API has no conditional write: what comes between the last look of a client and the moment in which its change takes effect is lost, and no client can
 * help it. Only that is forgiven here, and only where there was a look.
 */
export class ServerWatch {
  /** One of each: whoever works for hours changes the same again and again. */
  readonly #mutations = new Map<string, Mutation>();
  /** How often something fell into that gap. */
  fellIntoTheGap = 0;
  readonly #disk: StandIn;
  readonly #ledger: Ledger;
  readonly #machines: ReadonlyMap<string, string>;
  readonly #now: () => number;
  readonly #asked = new Map<string, Asked>();
  readonly #diskAsked = new Map<string, Moment>();
  /** Who has asked last to delete what. */
  readonly #deleters = new Map<string, string>();
  /** When who has asked last to put something where. */
  readonly #putters = new Map<string, Map<string, number>>();
  /** Of upload links, by their address. */
  readonly #linkOwners = new Map<string, string>();
  readonly #arrived = new WeakMap<Node, Moment>();
  #moments = 0;
  #actor: string | undefined;

  /** @param machines names by token */
  constructor(disk: StandIn, ledger: Ledger, machines: ReadonlyMap<string, string>, now: () => number) {
    this.#disk = disk;
    this.#ledger = ledger;
    this.#machines = machines;
    this.#now = now;
    this.#watchRequests();
    this.#watchTree();
  }

  /** What is there by now everybody knows. */
  begin(): void {
    this.#mutations.clear();
  }

  /** Somebody else changes the Disk. */
  as<T>(actor: string, task: () => T): T {
    this.#actor = actor;
    try {
      return task();
    } finally {
      this.#actor = undefined;
    }
  }

  /** Whether anybody but this one has changed something at the path, above it or beneath it, since then. */
  othersChanged(path: string, machine: string, sinceMs = Number.NEGATIVE_INFINITY): boolean {
    return [...this.#mutations.values()].some(
      ({ by, path: changed, atMs }) =>
        by !== machine &&
        atMs >= sinceMs &&
        (path === changed || isWithin(path, changed) || isWithin(changed, path)),
    );
  }

  #noteMutation(by: string, path: string, atMs = this.#now()): void {
    const key = `${by} ${path}`;
    const known = this.#mutations.get(key);
    if (known) known.atMs = Math.max(known.atMs, atMs);
    else this.#mutations.set(key, { by, path, atMs });
    if (this.#mutations.size > mostMutations) this.#forgetOld();
  }

  /** Of folders that are moved into each other for hours there would be more paths than memory. */
  #forgetOld(): void {
    const byAge = [...this.#mutations].sort(([, one], [, other]) => one.atMs - other.atMs);
    for (const [key] of byAge.slice(0, mostMutations / 2)) this.#mutations.delete(key);
  }

  #watchRequests(): void {
    const { wire } = this.#disk;
    const respond = wire.respond.bind(wire);
    wire.respond = (exchange, reply) => {
      if (reply.status < 300) this.#noteAnswer(exchange, reply);
      return respond(exchange, reply);
    };
    const before = wire.before.bind(wire);
    wire.before = async (exchange) => {
      const machine = this.#machineOf(exchange) ?? this.#linkOwners.get(exchange.url);
      const passage = await before(exchange);
      if (passage.kind === 'continue' && machine !== undefined) this.#noteChange(exchange, machine);
      return passage;
    };
  }

  #machineOf({ req }: Exchange): string | undefined {
    return this.#machines.get((req.headers.authorization ?? '').replace(/^OAuth /, ''));
  }

  #noteAnswer(exchange: Exchange, { body }: Reply): void {
    const machine = this.#machineOf(exchange);
    const { route, path } = exchange;
    if (machine !== undefined && route === 'disk.get') this.#diskAsked.set(machine, this.#moment());
    if (machine === undefined || path === null) return;
    if (route === 'resources.get') this.#askedBy(machine, path).look = this.#moment();
    if (route === 'resources.upload-link') {
      this.#askedBy(machine, path).link = this.#moment();
      const link = z.object({ href: z.url() }).parse(JSON.parse(String(body)));
      this.#linkOwners.set(new URL(link.href).pathname, machine);
    }
  }

  #noteChange({ route, path, url }: Exchange, machine: string): void {
    if (!changes.includes(route) || path === null) return;
    this.#noteMutation(machine, path);
    if (route === 'resources.delete') this.#deleters.set(path, machine);
    else this.#puttersOf(path).set(machine, this.#now());
    const from = new URL(url, 'http://x').searchParams.get('from');
    if (from === null) return;
    this.#noteMutation(machine, from);
  }

  #askedBy(machine: string, path: string): Asked {
    const key = `${machine} ${path}`;
    const asked = this.#asked.get(key) ?? { look: never, link: never };
    this.#asked.set(key, asked);
    return asked;
  }

  #puttersOf(path: string): Map<string, number> {
    const putters = this.#putters.get(path) ?? new Map<string, number>();
    this.#putters.set(path, putters);
    return putters;
  }

  #watchTree(): void {
    const { disk } = this.#disk.model;
    const [attach, setContent, forget, detach] = [
      disk.attach.bind(disk),
      disk.setContent.bind(disk),
      disk.forget.bind(disk),
      disk.detach.bind(disk),
    ];
    const places = new WeakMap<Node, string>();
    disk.attach = (folder, node) => {
      attach(folder, node);
      const from = places.get(node);
      if (folder === disk.trash) return this.#noteTrashed(node, from ?? '');
      if (from !== undefined) this.#noteMoved(from, this.#pathOf(node));
      this.#noteArrival(node);
    };
    disk.setContent = (file, content) => {
      this.#noteReplaced(file, this.#pathOf(file), md5Of(content));
      setContent(file, content);
      this.#noteArrival(file);
    };
    disk.detach = (node) => {
      places.set(node, this.#pathOf(node));
      if (this.#actor !== undefined) this.#noteMutation(this.#actor, this.#pathOf(node));
      detach(node);
    };
    disk.forget = (node) => {
      if (node.kind === 'file') this.#noteReplaced(node, places.get(node) ?? '', undefined);
      forget(node);
    };
  }

  #pathOf(node: Node): string {
    return formatPath(this.#disk.model.disk.pathOf(node));
  }

  /** What others did to it, and to what is in it, has come along: whenever the move takes effect. */
  #noteMoved(from: string, to: string): void {
    for (const { by, path, atMs } of [...this.#mutations.values()])
      if (path === from || isWithin(path, from)) this.#noteMutation(by, to + path.slice(from.length), atMs);
  }

  /** Whoever moves a folder brings all that is in it. */
  #arrivalOf(node: Node): Moment {
    let arrival = never;
    for (let at: Node | null = node; at; at = at.parent)
      arrival = later(this.#arrived.get(at) ?? never, arrival);
    return arrival;
  }

  #noteArrival(node: Node): void {
    this.#arrived.set(node, this.#moment());
    const path = this.#pathOf(node);
    if (this.#actor !== undefined) this.#noteMutation(this.#actor, path);
  }

  /** What others had put there is not to be deleted unseen. */
  #noteTrashed(top: Node, path: string): void {
    const { disk } = this.#disk.model;
    const machine = this.#deleters.get(path);
    const inner = top.kind === 'dir' ? [...disk.walk(top)] : [top];
    const topNames = disk.pathOf(top).names.length;
    for (const node of inner) {
      if (node.kind !== 'file') continue;
      const hash = md5Of(node.content);
      if (this.#actor !== undefined) this.#ledger.end(hash, `deleted by ${this.#actor}`);
      if (this.#actor !== undefined || machine === undefined) continue;
      const at = [path, ...disk.pathOf(node).names.slice(topNames)].join('/');
      const looks = [at, folderPath(at.slice(0, at.lastIndexOf('/')))].map(
        (each) => this.#askedBy(machine, each).look,
      );
      const look = [this.#diskAsked.get(machine) ?? never, ...looks].reduce(later);
      // A revision that tells of some changes only cannot be seen through; the trash has what it hides.
      const isRevisionTrue = this.#disk.settings.diskRevisionMoves !== 'sometimes';
      if (!isRevisionTrue || this.#isUnseen(this.#arrivalOf(node), look))
        this.#forgive(hash, `came to ${at} between the last look of ${machine} and its delete`);
    }
  }

  #forgive(hash: string, why: string): void {
    if (this.#ledger.end(hash, why)) this.fellIntoTheGap++;
  }

  /** These bytes are nowhere from now on. */
  #noteReplaced(file: FileNode, path: string, by: string | undefined): void {
    const hash = md5Of(file.content);
    if (this.#actor !== undefined) {
      this.#ledger.end(hash, `replaced by ${this.#actor}`);
      return;
    }
    if (hash === by) return;
    const folder = path.slice(0, path.lastIndexOf('/')) || 'disk:/';
    // Of those who have asked for it lately: what others had not looked at is no excuse.
    const { operationMs, lateCommitMs } = this.#disk.settings;
    const sinceMs = this.#now() - operationMs - lateCommitMs - longestOnItsWayMs;
    for (const [machine, atMs] of this.#puttersOf(path)) {
      if (atMs < sinceMs) continue;
      const asked = this.#askedBy(machine, path);
      const look = later(asked.look, this.#askedBy(machine, folderPath(folder)).look);
      const hasLooked = by === undefined ? look !== never : look.number > asked.link.number;
      if (!hasLooked || !this.#isUnseen(this.#arrived.get(file) ?? never, look)) continue;
      this.#forgive(hash, `came to ${path} between the last look of ${machine} and its change`);
    }
  }

  /** Whether a look could not show what came then. */
  #isUnseen(arrived: Moment, look: Moment): boolean {
    const { listingLagMs, seenLateMs, diskRevisionLagMs, operationMs } = this.#disk.settings;
    // A delete has its effect only when its operation ends.
    const lagMs = listingLagMs + seenLateMs + diskRevisionLagMs + operationMs;
    return arrived.number > look.number || (lagMs > 0 && arrived.atMs >= look.atMs - lagMs);
  }

  #moment(): Moment {
    return { atMs: this.#now(), number: ++this.#moments };
  }
}

function later(one: Moment, other: Moment): Moment {
  return one.number > other.number ? one : other;
}

function folderPath(folder: string): string {
  return folder === 'disk:' ? 'disk:/' : folder;
}

function isWithin(path: string, folder: string): boolean {
  return path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

function md5Of(content: FileNode['content']): string {
  return hashNow(content).md5;
}

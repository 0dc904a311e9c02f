import type { Failure } from '../../src/errors.ts';
import { planSteps } from '../../src/sync/planner.ts';
import type { Plan, Step } from '../../src/sync/step.ts';
import { LocalChanges, localOf } from '../../src/tree/local-changes.ts';
import type { Base, Intent, LocalNode } from '../../src/tree/local-node.ts';
import type { LocalStore } from '../../src/tree/local-store.ts';
import { LocalTree } from '../../src/tree/local-tree.ts';
import { rootId } from '../../src/tree/node.ts';
import { diskNameOf } from '../../src/tree/places.ts';
import type { ShownNode } from '../../src/tree/shown-node.ts';
import { type Entry, SimulatedServer } from './simulated-server.ts';

/** A step that was begun, and how far it has come. `settled` is what it will leave when its effect was told. */
export interface Run {
  readonly step: Exclude<Step, { kind: 'confirm' }>;
  readonly node: LocalNode;
  phase: 'begun' | 'intended' | 'effected';
  paths: string[];
  outcome: Outcome | undefined;
}

interface Outcome {
  readonly base: Base | undefined;
  readonly sentVersion: number | undefined;
}

/** What somebody has written to a moment ago. */
export const heldMs = 1_000;

const noStore = {
  loadPast: () => [],
  loadFolders: () => [],
  forgetFolders: () => {},
  load: (_onDamage: (failure: Failure) => void) => [],
  write: () => {},
  sync: () => {},
  close: () => {},
};

/**
 * A drive without bytes: a model of what the user has, the two trees, and a server. Steps of the planner are done in three parts with time
 * between them (begun; intent written; effect) before their result is taken over, as docs/writing.md says.
 */
export class SimulatedDisk {
  readonly user = new Map<number, Entry>();
  readonly known = new Map<number, Entry>();
  readonly server = new SimulatedServer();
  readonly tree = new LocalTree({ store: noStore as unknown as LocalStore, onDamage: () => {} });
  readonly changes = new LocalChanges(
    this.tree,
    () => this.nowMs,
    (id) => this.known.get(id),
  );
  readonly runs: Run[] = [];
  /** Kinds of the requests that changed something. */
  readonly requests: string[] = [];
  nowMs = 0;
  writeBackMs = 0;
  readonly #outcomes = new Map<number, Outcome>();
  #nextId = 100;
  #nextContent = 1_000;

  // What the user does

  /** On the server and known, before anything happens. */
  has(parentId: number, name: string, kind: Entry['kind']): number {
    const id = this.#nextId++;
    const entry = {
      id,
      parentId,
      name,
      kind,
      content: kind === 'file' ? this.#nextContent++ : 0,
      modified: 0,
    };
    for (const map of [this.user, this.known, this.server.entries]) map.set(id, entry);
    return id;
  }

  create(parentId: number, name: string, kind: Entry['kind']): number {
    const id = this.#nextId++;
    const content = kind === 'file' ? this.#nextContent++ : 0;
    const draft = kind === 'file' ? draftOf(content) : undefined;
    this.tree.apply(this.changes.create(id, kind, { parentId, name }, { draft }));
    this.user.set(id, { id, parentId, name, kind, content, modified: 0 });
    return id;
  }

  write(id: number): void {
    const content = this.#nextContent++;
    const local = localOf(this.#shown(id), this.nowMs);
    const draft = { ...draftOf(content), sentVersion: local.draft?.sentVersion };
    this.tree.apply({ put: [{ ...local, draft }] });
    this.user.set(id, { ...this.#entry(id), content });
  }

  touch(id: number): void {
    const modified = this.#nextContent++;
    this.tree.apply({
      put: [{ ...localOf(this.#shown(id), this.nowMs), modified: { sec: modified, nsec: 0 } }],
    });
    this.user.set(id, { ...this.#entry(id), modified });
  }

  remove(id: number): void {
    this.tree.apply(this.changes.remove(this.#shown(id)));
    this.user.delete(id);
  }

  rename(id: number, parentId: number, name: string): void {
    const target = this.at(parentId, name);
    if (target === id) return;
    this.tree.apply(
      this.changes.rename(
        this.#shown(id),
        { parentId, name },
        target === undefined ? undefined : this.#shown(target),
      ),
    );
    if (target !== undefined) this.user.delete(target);
    this.user.set(id, { ...this.#entry(id), parentId, name });
  }

  removeTree(id: number): void {
    for (const child of this.childrenOf(id)) this.removeTree(child);
    this.remove(id);
  }

  at(parentId: number, name: string): number | undefined {
    return [...this.user.values()].find((entry) => entry.parentId === parentId && entry.name === name)?.id;
  }

  childrenOf(id: number): number[] {
    return [...this.user.values()].filter(({ parentId }) => parentId === id).map((entry) => entry.id);
  }

  isWithin(id: number, folderId: number): boolean {
    for (let at: number | undefined = id; at !== undefined; at = this.user.get(at)?.parentId)
      if (at === folderId) return true;
    return false;
  }

  // What programs see

  /** @throws what differs from what the user did */
  checkView(): void {
    const shown = new Map<string, number>();
    for (const entry of this.known.values())
      if (!this.tree.node(entry.id)) shown.set(placeOf(entry), entry.id);
    // What is here stands for whatever the server has under its name.
    for (const node of this.tree.all()) if (node.state === 'shown') shown.set(placeOf(node), node.id);
    const expected = new Map([...this.user.values()].map((entry) => [placeOf(entry), entry.id]));
    check(same(shown, expected), `shown ${text(shown)} instead of ${text(expected)}`);
    const bases = [...this.tree.all()].flatMap(({ base }) => (base ? [placeOf(base)] : []));
    check(new Set(bases).size === bases.length, `two bases at one place: ${bases}`);
  }

  // What the executor does

  plan(
    options: { flushed?: ReadonlySet<number>; held?: ReadonlySet<number>; restsUntilMs?: number } = {},
  ): Plan {
    return planSteps({
      tree: this.tree,
      parentOf: (id) => this.known.get(id)?.parentId,
      pathOf: (id) => this.#pathOf(id),
      nowMs: this.nowMs,
      writeBackMs: this.writeBackMs,
      isUnderWay: (id) => this.runs.some(({ step }) => step.id === id),
      heldForMs: (id) => (options.held?.has(id) ? heldMs : 0),
      isFlushed: ({ id }) => options.flushed?.has(id) ?? false,
      dateRestsUntilMs: () => options.restsUntilMs,
      folderRestsUntilMs: () => options.restsUntilMs,
    });
  }

  begin(step: Step): void {
    if (step.kind === 'confirm') {
      this.#confirm(step.folderId, step.ids);
      return;
    }
    const node = this.#local(step.id);
    check(!this.runs.some((run) => run.step.id === step.id), 'a node has two steps at a time');
    this.runs.push({ step, node, phase: 'begun', paths: [], outcome: undefined });
  }

  advance(run: Run): void {
    if (run.phase === 'begun') this.#intend(run);
    else if (run.phase === 'intended') this.#effect(run);
    else this.#end(run, run.outcome);
  }

  /** The process ends: of what was about to happen some has happened. */
  restart(happens: boolean): void {
    for (const run of [...this.runs]) this.lose(run, happens);
  }

  /** The reply is lost: whether it happened is to be found out. */
  lose(run: Run, happens: boolean): void {
    if (run.phase === 'intended' && happens) this.#effect(run);
    if (run.outcome && this.tree.node(run.step.id)?.intent) this.#outcomes.set(run.step.id, run.outcome);
    this.runs.splice(this.runs.indexOf(run), 1);
  }

  /** The server does not want it now. */
  refuse(run: Run, retryAtMs: number): void {
    if (run.phase === 'effected' || run.step.kind === 'resolve') return;
    this.runs.splice(this.runs.indexOf(run), 1);
    const node = this.tree.node(run.step.id);
    if (!node) return;
    this.tree.apply(this.changes.settled(node.id, node.base));
    const trouble = { code: 'refused', message: '', sinceMs: this.nowMs, retryAtMs };
    this.tree.apply({ put: [{ ...this.#local(node.id), trouble }] });
  }

  /** Until nothing is to be done any more. */
  drain(): void {
    for (let round = 0; round < 1_000; round += 1) {
      const { steps, nextAtMs } = this.plan();
      const isIdle = steps.length === 0 && this.runs.length === 0;
      for (const step of steps) this.begin(step);
      for (const run of [...this.runs]) this.advance(run);
      if (!isIdle) continue;
      if (nextAtMs === undefined) return;
      check(nextAtMs > this.nowMs, 'the next time is not in the future');
      this.nowMs = nextAtMs;
    }
    throw new Error('it never ends');
  }

  /** @throws what is otherwise on the server than the user has it */
  checkServer(): void {
    const all = (entries: Iterable<Entry>) =>
      new Map(
        [...entries].map((entry) => [
          entry.id,
          `${placeOf(entry)} ${entry.kind} ${entry.content} ${entry.modified}`,
        ]),
      );
    const there = all(this.server.entries.values());
    const here = all(this.user.values());
    check(same(there, here), `on the server ${text(there)} instead of ${text(here)}; left: ${this.#left()}`);
    for (const id of [rootId, ...this.server.entries.keys()]) this.#list(id);
    check(this.tree.size === 0, `not forgotten: ${this.#left()}`);
  }

  #left(): string {
    return JSON.stringify([...this.tree.all()]);
  }

  #intend(run: Run): void {
    const { step, node } = run;
    const now = this.tree.node(step.id);
    if (step.kind === 'resolve') {
      run.phase = 'effected';
      run.outcome = this.#outcomes.get(step.id) ?? this.#noOutcome(node);
      return;
    }
    // Whatever changed it since gives the step up, also what changed it back: others may have been let pass meanwhile.
    if (!now || now !== node) {
      this.runs.splice(this.runs.indexOf(run), 1);
      return;
    }
    const intent = this.#intentOf(step, node);
    run.paths = intent ? (intent.kind === 'move' ? [intent.from, intent.to] : [intent.path]) : [];
    for (const other of this.runs) if (other !== run) checkApart(run, other);
    if (step.kind === 'delete' && node.kind === 'file' && node.base) {
      const taker = this.tree.shownIn(node.base.parentId).get(node.base.name);
      check(taker?.kind !== 'file', `the name ${node.base.name} would be missing`);
    }
    if (intent) this.tree.apply({ put: [{ ...now, intent }] });
    run.phase = 'intended';
  }

  #intentOf(step: Run['step'], node: LocalNode): Intent | undefined {
    const target = () => `${this.#pathOf(node.parentId)}/${diskNameOf(node)}`;
    const source = () => `${this.#pathOf(node.base?.parentId ?? 0)}/${node.base?.name}`;
    const place = { parentId: node.parentId, name: diskNameOf(node) };
    if (step.kind === 'make-folder') return { kind: 'make-folder', path: target(), place };
    if (step.kind === 'upload')
      return {
        kind: 'upload',
        path: node.base ? source() : target(),
        place: node.base ? { parentId: node.base.parentId, name: node.base.name } : place,
        sizeBytes: 0,
        md5: '',
        sha256: '',
        version: node.draft?.version ?? 0,
        isBeside: false,
        operationId: undefined,
      };
    if (step.kind === 'delete') return { kind: 'delete', path: source(), operationId: undefined };
    if (step.kind !== 'move') return undefined;
    const to = step.aside ? `${this.#pathOf(node.base?.parentId ?? 0)}/aside-${node.id}` : target();
    return { kind: 'move', from: source(), to, place, operationId: undefined };
  }

  #effect(run: Run): void {
    const { step, node } = run;
    const [path = '', to = ''] = run.paths;
    const { base, draft, replaces } = node;
    run.phase = 'effected';
    const sentVersion = step.kind === 'upload' ? draft?.version : draft?.sentVersion;
    const modified = node.modified ?? base?.modified ?? { sec: 0, nsec: 0 };
    this.requests.push(step.kind);
    if (step.kind === 'set-properties') {
      this.server.setModified(`${this.#pathOf(base?.parentId ?? 0)}/${base?.name}`, modified.sec);
      run.outcome = { base: base && { ...base, modified }, sentVersion };
    } else if (step.kind === 'delete') {
      for (const id of this.server.idsWithin(path))
        check(!this.user.has(id), `${path}: ${id} was not to be deleted`);
      this.server.delete(path, node.id);
      run.outcome = { base: undefined, sentVersion };
    } else if (step.kind === 'move') {
      const overwrites = step.aside ? undefined : replaces?.id;
      this.#checkGone(overwrites);
      const { parentId, name } = this.server.move(path, to, node.id, overwrites);
      run.outcome = { base: base && { ...base, parentId, name }, sentVersion };
    } else {
      const content = draft?.version ?? 0;
      const overwrites = base ? node.id : replaces?.id;
      if (overwrites !== node.id) this.#checkGone(overwrites);
      const made = this.server.put(path, { id: node.id, kind: node.kind, content, overwrites });
      run.outcome = {
        base: { ...baseOf(made), modified: base?.modified ?? { sec: 0, nsec: 0 } },
        sentVersion,
      };
    }
  }

  #checkGone(id: number | undefined): void {
    if (id !== undefined) check(!this.user.has(id), `${id} was not to be overwritten`);
  }

  #noOutcome(node: LocalNode): Outcome {
    return { base: node.base, sentVersion: node.draft?.sentVersion };
  }

  #end({ step, node }: Run, outcome: Outcome | undefined): void {
    this.runs.splice(
      this.runs.findIndex((run) => run.step === step),
      1,
    );
    this.#outcomes.delete(step.id);
    const draft = this.tree.node(step.id)?.draft;
    const sent = draft && outcome ? { draft: { ...draft, sentVersion: outcome.sentVersion } } : {};
    const details = { ...sent, trouble: undefined };
    this.tree.apply(this.changes.settled(step.id, outcome?.base, details));
    if (node.base && !outcome?.base)
      for (const id of this.#basedWithin(step.id)) this.tree.apply(this.changes.settled(id, undefined));
  }

  #basedWithin(folderId: number): number[] {
    const parentOf = (id: number) => this.tree.node(id)?.base?.parentId ?? this.known.get(id)?.parentId;
    return [...this.tree.all()].flatMap(({ id, base }) => {
      for (let at = base?.parentId; at !== undefined; at = parentOf(at)) if (at === folderId) return [id];
      return [];
    });
  }

  #confirm(folderId: number, ids: readonly number[]): void {
    this.requests.push('list');
    check(folderId === rootId || this.server.entries.has(folderId), 'a folder is listed that is not there');
    this.#list(folderId);
    for (const id of ids) {
      const { base } = this.#local(id);
      const entry = this.server.entries.get(id);
      check(!!entry && !!base && placeOf(entry) === placeOf(base), `${id} is not where it was confirmed`);
      this.tree.apply({ remove: [id] });
    }
    for (const node of [...this.tree.all()])
      if (node.state === 'deleted' && !node.base && !node.intent && !this.known.has(node.id))
        this.tree.apply({ remove: [node.id] });
  }

  #list(folderId: number): void {
    const there = [...this.server.entries.values()].filter(({ parentId }) => parentId === folderId);
    // What is missing in one folder may be found in another: it is not given up, nor what is in it.
    const miss = (id: number) => {
      const elsewhere = this.server.entries.get(id);
      if (elsewhere) this.known.set(id, elsewhere);
      else this.known.delete(id);
      if (!elsewhere) for (const entry of [...this.known.values()]) if (entry.parentId === id) miss(entry.id);
    };
    for (const { id, parentId } of [...this.known.values()])
      if (parentId === folderId && !there.some((entry) => entry.id === id)) miss(id);
    // A folder may have been listed that no listing had shown yet, and be gone by now.
    for (const { id, parentId } of [...this.known.values()])
      if (parentId !== rootId && !this.known.has(parentId) && !this.server.entries.has(parentId)) miss(id);
    for (const entry of there) this.known.set(entry.id, entry);
    for (const node of [...this.tree.all()])
      if (node.state === 'deleted' && !node.base && !node.intent && !this.known.has(node.id))
        this.tree.apply({ remove: [node.id] });
  }

  #pathOf(folderId: number): string {
    if (folderId === rootId) return 'disk:';
    const place =
      this.tree.node(folderId)?.base ?? (this.tree.node(folderId) ? undefined : this.known.get(folderId));
    if (!place) throw new Error(`The server has no folder ${folderId}`);
    return `${this.#pathOf(place.parentId)}/${place.name}`;
  }

  #shown(id: number): ShownNode {
    const local = this.tree.node(id);
    const known = this.known.get(id);
    const place = local ?? known;
    if (!place) throw new Error(`Nothing has the number ${id}`);
    const { kind, parentId, name } = place;
    const remote = known && {
      name: known.name,
      path: '',
      resourceId: String(known.id),
      revision: undefined,
      modified: { sec: known.modified, nsec: 0 },
      mediaType: undefined,
      mimeType: undefined,
      publicUrl: undefined,
      shared: false,
      properties: undefined,
      content: undefined,
    };
    return { id, kind, parentId, name, remote, local };
  }

  #local(id: number): LocalNode {
    const node = this.tree.node(id);
    if (!node) throw new Error(`Nothing differs in ${id}`);
    return node;
  }

  #entry(id: number): Entry {
    const entry = this.user.get(id);
    if (!entry) throw new Error(`The user has no ${id}`);
    return entry;
  }
}

function checkApart(run: Run, other: Run): void {
  if (other.phase === 'begun') return;
  const isRoot = ({ step }: Run) => step.kind === 'move' || step.kind === 'delete';
  for (const one of run.paths)
    for (const two of other.paths) {
      const overlap =
        one === two ||
        (isRoot(run) && two.startsWith(`${one}/`)) ||
        (isRoot(other) && one.startsWith(`${two}/`));
      check(!overlap, `423: ${run.step.kind} ${one} beside ${other.step.kind} ${two}`);
    }
}

function draftOf(version: number): NonNullable<LocalNode['draft']> {
  return { name: '', sizeBytes: 0, version, sentVersion: undefined, finished: true };
}

function baseOf({ parentId, name, modified }: Entry): Base {
  return {
    parentId,
    name,
    resourceId: undefined,
    content: undefined,
    modified: { sec: modified, nsec: 0 },
    properties: undefined,
  };
}

export function check(isTrue: boolean, message: string): void {
  if (!isTrue) throw new Error(message);
}

function placeOf({ parentId, name }: { readonly parentId: number; readonly name: string }): string {
  return `${parentId}/${name}`;
}

function same<K, V>(one: ReadonlyMap<K, V>, two: ReadonlyMap<K, V>): boolean {
  return one.size === two.size && [...one].every(([id, value]) => two.get(id) === value);
}

function text<K, V>(map: ReadonlyMap<K, V>): string {
  return JSON.stringify([...map].sort());
}

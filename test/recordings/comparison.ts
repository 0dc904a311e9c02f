import { compareAddresses } from './addresses.ts';
import type { Bindings } from './bindings.ts';
import { Trends } from './trends.ts';

/** How a field is compared. Fields without a rule must have the recorded value. */
type Rule =
  /** Another name of the same shape, one for one. */
  | { readonly kind: 'name'; readonly shape: RegExp }
  | { readonly kind: 'time' }
  | { readonly kind: 'revision' }
  | { readonly kind: 'address' }
  /** The recorded value, or a path in the trash with another random tail. */
  | { readonly kind: 'path' }
  /** Seconds that a token still lives: at most a year. */
  | { readonly kind: 'token-life' };

const resourceId: Rule = { kind: 'name', shape: /^100000001:[0-9a-f]{64}$/ };
const token: Rule = { kind: 'name', shape: /^\S{20,}$/ };

const rules: Readonly<Record<string, Rule>> = {
  resource_id: resourceId,
  private_resource: resourceId,
  public_resource: resourceId,
  operation_id: { kind: 'name', shape: /^[0-9a-f]{64}$/ },
  public_key: { kind: 'name', shape: /^[A-Za-z0-9+/]{86}==$/ },
  public_url: { kind: 'name', shape: /^https:\/\/yadi\.sk\/[di]\/[A-Za-z0-9_-]{14}$/ },
  access_token: token,
  refresh_token: token,
  device_code: { kind: 'name', shape: /^[0-9a-f]{32}$/ },
  user_code: { kind: 'name', shape: /^[a-z0-9]{8}$/ },
  created: { kind: 'time' },
  modified: { kind: 'time' },
  deleted: { kind: 'time' },
  reg_time: { kind: 'time' },
  revision: { kind: 'revision' },
  href: { kind: 'address' },
  file: { kind: 'address' },
  preview: { kind: 'address' },
  url: { kind: 'address' },
  path: { kind: 'path' },
};

const timeFormat = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/;
const trashTail = /^(trash:\/.+_)[0-9a-f]{40}$/;
const yearSeconds = 365 * 24 * 3600;

/** Compares the JSON of one recording's replies with the stand-in's, and remembers what goes from reply to reply. */
export class Comparison {
  readonly #bindings: Bindings;
  readonly #nowMs: () => number;
  readonly #planted: ReadonlySet<string>;
  readonly #trends = new Trends();

  /** @param planted paths of resources that were put there with their recorded times and revisions. */
  constructor(bindings: Bindings, nowMs: () => number, planted: ReadonlySet<string>) {
    this.#bindings = bindings;
    this.#nowMs = nowMs;
    this.#planted = planted;
  }

  /** @returns what is wrong, a line each. */
  compare(recorded: unknown, live: unknown): string[] {
    return this.#compare(recorded, live, '', '', {});
  }

  #compare(recorded: unknown, live: unknown, where: string, name: string, owner: object): string[] {
    if (kindOf(recorded) !== kindOf(live))
      return [`${where}: ${kindOf(live)} in place of ${kindOf(recorded)}`];
    if (Array.isArray(recorded) && Array.isArray(live)) {
      if (recorded.length !== live.length)
        return [`${where}: ${live.length} items, recorded ${recorded.length}`];
      return recorded.flatMap((item: unknown, index) =>
        this.#compare(item, live[index], `${where}[${index}]`, name, owner),
      );
    }
    if (isObject(recorded) && isObject(live)) return this.#compareObjects(recorded, live, where);
    const rule = rules[name] ?? (name === 'expires_in' && 'access_token' in owner ? tokenLife : null);
    return this.#compareValues(recorded, live, rule, name, owner).map((text) => `${where}: ${text}`);
  }

  #compareObjects(recorded: JsonObject, live: JsonObject, where: string): string[] {
    const names = [...new Set([...Object.keys(recorded), ...Object.keys(live)])];
    return names.flatMap((name) => {
      const inner = where === '' ? name : `${where}.${name}`;
      if (!(name in live)) return [`${inner}: missing`];
      if (!(name in recorded)) return [`${inner}: was not there in the recording`];
      return this.#compare(recorded[name], live[name], inner, name, recorded);
    });
  }

  #compareValues(recorded: unknown, live: unknown, rule: Rule | null, name: string, owner: object): string[] {
    const differ = `${JSON.stringify(live)}, recorded ${JSON.stringify(recorded)}`;
    const equal = recorded === live ? [] : [differ];
    if (rule === null) return equal;
    if (rule.kind === 'revision' && typeof recorded === 'number' && typeof live === 'number') {
      if (!Number.isSafeInteger(live) || live < 2 ** 50) return [`${live} is no count of microseconds`];
      return this.#isPlanted(owner) ? equal : listed(this.#trend(owner, name, recorded, live));
    }
    if (rule.kind === 'token-life' && typeof live === 'number') {
      return live > 0.99 * yearSeconds && live <= yearSeconds ? [] : [differ];
    }
    if (typeof recorded !== 'string' || typeof live !== 'string') return equal;
    switch (rule.kind) {
      case 'name':
        return rule.shape.test(live)
          ? listed(this.#bindings.bind(recorded, live))
          : [`not the shape of ${name}: ${live}`];
      case 'time':
        if (!timeFormat.test(live)) return [differ];
        if (this.#isPlanted(owner)) return equal;
        return listed(this.#trend(owner, name, Date.parse(recorded), Date.parse(live)));
      case 'address':
        return compareAddresses(recorded, live, this.#bindings, this.#nowMs());
      case 'path': {
        const [, trashed] = trashTail.exec(recorded) ?? [];
        if (trashed === undefined) return equal;
        return trashTail.exec(live)?.[1] === trashed ? listed(this.#bindings.bind(recorded, live)) : [differ];
      }
      default:
        return equal;
    }
  }

  #isPlanted(owner: object): boolean {
    return 'path' in owner && typeof owner.path === 'string' && this.#planted.has(owner.path);
  }

  #trend(owner: object, name: string, recorded: number, live: number): string | null {
    const resource = 'resource_id' in owner ? String(owner.resource_id) : 'the Disk';
    return this.#trends.note(`${name} of ${resource}`, recorded, live);
  }
}

const tokenLife: Rule = { kind: 'token-life' };

type JsonObject = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is JsonObject {
  return kindOf(value) === 'object';
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function listed(text: string | null): string[] {
  return text === null ? [] : [text];
}

import type { Ledger } from '../../test/model/ledger.ts';
import type { ServerWatch } from '../../test/model/server-watch.ts';
import type { Model } from '../../test/stand-in/model/model.ts';
import { type Node, nodeNames } from '../../test/stand-in/model/nodes.ts';
import { Refusal } from '../../test/stand-in/model/refusal.ts';
import type { Random } from '../../test/stand-in/random.ts';

const names = ['a', 'notes.md', 'from the web.txt', 'photo.jpg', 'Папка'];

/** Somebody at the web, who changes something now and then in one folder, and sees what he does. */
export class Web {
  readonly #model: Model;
  readonly #watch: ServerWatch;
  readonly #ledger: Ledger;
  readonly #random: Random;
  readonly #top: string;

  /** @param top its path */
  constructor(model: Model, watch: ServerWatch, ledger: Ledger, random: Random, top: string) {
    this.#model = model;
    this.#watch = watch;
    this.#ledger = ledger;
    this.#random = random;
    this.#top = top;
  }

  /** @returns what was done; undefined where nothing was to be done */
  act(): string | undefined {
    try {
      return this.#watch.as('web', () => this.#act());
    } catch (error) {
      if (error instanceof Refusal) return undefined;
      throw error;
    }
  }

  #act(): string | undefined {
    const { disk } = this.#model;
    disk.settle();
    const top = this.#model.find(this.#top);
    if (top?.kind !== 'dir') return undefined;
    const nodes = [...disk.walk(top)];
    const files = nodes.filter(({ kind }) => kind === 'file');
    const folder = this.#one([top, ...nodes.filter(({ kind }) => kind === 'dir')]);
    const free = folder && `${pathOf(folder)}/${this.#one(names)}`;
    const what = this.#random.fraction();
    if (what < 0.3)
      return free === undefined || this.#model.find(free) ? undefined : this.#put('uploads', free);
    if (what < 0.6) return this.#on(this.#one(files), (path) => this.#put('replaces', path));
    if (what < 0.8)
      return this.#on(this.#one(nodes), (path) => {
        if (free === undefined || free.startsWith(`${path}/`)) return undefined;
        this.#model.move(path, free);
        return `moves ${path} to ${free}`;
      });
    return this.#on(this.#one(what < 0.97 ? files : nodes), (path) => {
      this.#model.remove(path);
      return `removes ${path}`;
    });
  }

  #on(node: Node | undefined, task: (path: string) => string | undefined): string | undefined {
    return node && task(pathOf(node));
  }

  #put(verb: string, path: string): string {
    const text = this.#ledger.make('web', false);
    this.#model.putFile(path, text, { parents: false });
    this.#ledger.note('web', text, true);
    return `${verb} ${path}: ${text}`;
  }

  #one<T>(values: readonly T[]): T | undefined {
    return values[this.#random.below(values.length)];
  }
}

function pathOf(node: Node): string {
  return `disk:/${nodeNames(node).join('/')}`;
}

import type { Mount } from './binding/mount.ts';

/** A folder of the tree, as far as its place in the mount is concerned. */
interface Placed {
  readonly name: string;
  readonly parent: Placed | undefined;
}

/** So many names of one folder are told one by one; if more changed, the kernel's own time-out has to do. */
const namesAtOnce = 1_000;

/**
 * What the kernel remembers of names, kept true: when a folder turns out to have changed elsewhere, the kernel forgets the names
 * concerned. Without a mended binding nothing happens here, and what the kernel remembers ends by its time-out.
 */
export class KernelView {
  readonly #mount: Pick<Mount, 'features' | 'invalidateEntry' | 'invalidateInode'>;
  readonly #onFailure: (error: unknown) => void;

  constructor(
    mount: Pick<Mount, 'features' | 'invalidateEntry' | 'invalidateInode'>,
    onFailure: (error: unknown) => void,
  ) {
    this.#mount = mount;
    this.#onFailure = onFailure;
  }

  /** Nobody waits for it: an operation that did would wait for itself. */
  forget(folder: Placed, names: readonly string[]): void {
    if (!this.#mount.features.invalidation) return;
    const path = pathOf(folder);
    const calls = [this.#mount.invalidateInode(path)];
    for (const name of names.slice(0, namesAtOnce)) calls.push(this.#mount.invalidateEntry(path, name));
    for (const call of calls) call.catch(this.#onFailure);
  }
}

/** Path in the mount; the root has no parent and is `/`. */
function pathOf(folder: Placed): string {
  if (!folder.parent) return '/';
  const above = pathOf(folder.parent);
  return above === '/' ? `/${folder.name}` : `${above}/${folder.name}`;
}

import type { Mount } from './binding/mount.ts';

/** So many names of one folder are told one by one; if more changed, the kernel's own time-out has to do. */
const namesAtOnce = 20_000;

type Invalidations = Pick<Mount, 'features' | 'invalidateEntry' | 'invalidateInode'>;

/**
 * What the kernel remembers of names, kept true: when a folder turns out to have changed elsewhere, the kernel forgets the names
 * concerned. Before there is a mount it knows nothing, and nothing happens here. Nor does it without a mended binding: then what the kernel
 * remembers ends by its time-out.
 */
export class KernelView {
  readonly #onFailure: (error: unknown) => void;
  #mount: Invalidations | undefined;

  constructor(onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure;
  }

  /** From now on the kernel may know something. */
  attach(mount: Invalidations): void {
    if (mount.features.invalidation) this.#mount = mount;
  }

  /**
   * The kernel asks for size and dates again before it believes them. Takes no lock that a request may hold: an operation may wait for it.
   * @param path in the mount
   */
  async forgetAttributes(path: string): Promise<void> {
    await this.#mount?.invalidateInode(path).catch(this.#onFailure);
  }

  /**
   * `place`: names from the root of the mount down to the folder. Folders that are the ones that they were keep their names: a program that is in one
   * would not know any more where that is.
   * Nobody waits for it: an operation that did would wait for itself.
   */
  forget(
    place: readonly string[],
    { names, sameFolders }: { readonly names: readonly string[]; readonly sameFolders: readonly string[] },
  ): void {
    const mount = this.#mount;
    if (!mount) return;
    const path = `/${place.join('/')}`;
    const calls = [mount.invalidateInode(path)];
    for (const name of names.slice(0, namesAtOnce)) calls.push(mount.invalidateEntry(path, name));
    for (const name of sameFolders.slice(0, namesAtOnce))
      calls.push(mount.invalidateInode(`${path === '/' ? '' : path}/${name}`));
    for (const call of calls) call.catch(this.#onFailure);
  }
}

import type { Mount } from './binding/mount.ts';

/** So many names of one folder are told one by one; if more changed, the kernel's own time-out has to do. */
const namesAtOnce = 20_000;

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

  /**
   * The kernel asks for size and dates again before it believes them. Takes no lock that a request may hold: an operation may wait for it.
   * @param path in the mount
   */
  async forgetAttributes(path: string): Promise<void> {
    if (!this.#mount.features.invalidation) return;
    await this.#mount.invalidateInode(path).catch(this.#onFailure);
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
    if (!this.#mount.features.invalidation) return;
    const path = `/${place.join('/')}`;
    const calls = [this.#mount.invalidateInode(path)];
    for (const name of names.slice(0, namesAtOnce)) calls.push(this.#mount.invalidateEntry(path, name));
    for (const name of sameFolders.slice(0, namesAtOnce))
      calls.push(this.#mount.invalidateInode(`${path === '/' ? '' : path}/${name}`));
    for (const call of calls) call.catch(this.#onFailure);
  }
}

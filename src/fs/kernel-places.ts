/**
 * Where the kernel has the files that are open. It knows a file by its path and the renames of programs; one that went elsewhere by itself (a conflict copy,
 * moved by others) shares its pages, for as long as it is open, with what stands at its old place by then.
 */
export class KernelPlaces {
  readonly #byId = new Map<number, string>();
  readonly #byPlace = new Map<string, number>();

  /** @param place a `placeKey` */
  opened(id: number, place: string): void {
    if (this.#byId.has(id) || this.#byPlace.has(place)) return;
    this.#byId.set(id, place);
    this.#byPlace.set(place, id);
  }

  /** A program has renamed it. What it has replaced has no place any more. */
  renamed(id: number, place: string): void {
    if (!this.#byId.has(id)) return;
    this.closed(id);
    const replaced = this.#byPlace.get(place);
    if (replaced !== undefined) this.#byId.delete(replaced);
    this.#byId.set(id, place);
    this.#byPlace.set(place, id);
  }

  closed(id: number): void {
    const place = this.#byId.get(id);
    this.#byId.delete(id);
    if (place !== undefined && this.#byPlace.get(place) === id) this.#byPlace.delete(place);
  }

  /** Whether pages that the kernel holds at this place may be those of another file, or those of this one be elsewhere, too. */
  isTorn(id: number, place: string): boolean {
    return (this.#byPlace.get(place) ?? id) !== id || (this.#byId.get(id) ?? place) !== place;
  }
}

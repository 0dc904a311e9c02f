import type { Draft } from '../content/draft.ts';
import type { FrozenBytes } from '../content/frozen-bytes.ts';
import type { OutgoingDraft } from '../sync/sending.ts';

/** A file that somebody has open, on its way out as it was at one moment: when all its bytes were here. */
export class FrozenDraft implements OutgoingDraft {
  readonly isFrozen = true;
  readonly #draft: Draft;
  #bytes: FrozenBytes | undefined;

  constructor(draft: Draft) {
    this.#draft = draft;
  }

  get sizeBytes(): number {
    return (this.#bytes ?? this.#draft).sizeBytes;
  }

  async complete(signal: AbortSignal): Promise<void> {
    await this.#draft.complete(signal);
    this.#bytes ??= await this.#draft.freeze();
  }

  sync(): Promise<void> {
    return this.#draft.sync();
  }

  stream(start: number): AsyncIterable<Uint8Array> {
    if (!this.#bytes) throw new Error('Not complete, and to be sent');
    return this.#bytes.stream(start);
  }

  async close(): Promise<void> {
    await this.#bytes?.close();
    await this.#draft.close();
  }
}

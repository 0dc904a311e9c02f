/** Not now, and nothing is wrong with it: the server shows what was before, or something else must end first. */
export class Postponed extends Error {
  readonly delayMs: number;

  /** @param delayMs the queue makes it longer each time */
  constructor(delayMs: number) {
    super('Postponed');
    this.name = 'Postponed';
    this.delayMs = delayMs;
  }
}

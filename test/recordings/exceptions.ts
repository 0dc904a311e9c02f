/** A recorded exchange that no stand-in can be asked again. */
export interface NotReplayed {
  readonly recording: string;
  /** Its place in the recording. */
  readonly number: number;
  readonly reason: string;
}

/** Exchanges that are not replayed, each with the reason. There are none: every state could be arranged. */
export const notReplayed: readonly NotReplayed[] = [];

/** What of a replayed exchange is not compared, or only by its shape, with the reason. */
export const notCompared: readonly (readonly [what: string, why: string])[] = [
  ['ids, keys, tokens, signatures', 'random: by shape, and equal where they were equal'],
  [
    'times and revisions',
    'by format, and whether they grew from reply to reply; exactly for what was there before',
  ],
  ['scheme and port of addresses', 'the stand-in listens on a port of its own'],
  ['hid and tknv of links', 'an unknown hash, by shape; a version that changed between recordings'],
  ['content-length of JSON', 'that of the body sent; recorded bodies were made anonymous'],
  ['content-length of a 204', 'recorded as 0 in 2024, absent in 2025'],
  ['words of error pages', 'recorded with the words of another status than the one sent'],
  ['redirects of downloads', 'followed by the recorder unseen'],
];

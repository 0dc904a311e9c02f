/**
 * Every call that changes something, and what becomes of one whose reply was lost (connection broken after the request had left,
 * a 5xx, an answer that makes no sense): then nobody knows whether it took effect.
 *
 * - `repeat`: doing it twice is the same as doing it once, within the seconds in which we repeat.
 * - `look`: doing it twice may do harm. It is never sent again blindly: whoever asked is asked in turn what the Disk shows,
 *   and where nobody can tell, the call fails with `in-doubt`.
 *
 * What never left this machine, and what was refused for being too much (429) or in the way of something else (423), is
 * repeated within bounds whatever the call; and all that only reads is repeated freely.
 */
export interface Call {
  readonly method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  /** Below the API's base address. */
  readonly route: string;
  readonly lostReply: 'repeat' | 'look';
  /** What the Disk answers when it has done it, or has begun to (202). Any other 2xx was not said by the Disk. */
  readonly statuses: readonly number[];
}

export const calls = {
  /** Again: 409 "existent directory", which is what was wanted. */
  makeFolder: { method: 'PUT', route: '/resources', lostReply: 'repeat', statuses: [201] },
  /** Again: 404, gone is gone. Whoever fears that something new came to the path meanwhile gives a look. */
  deleteResource: { method: 'DELETE', route: '/resources', lostReply: 'repeat', statuses: [204, 202] },
  /** Sets the same values once more. */
  setProperties: { method: 'PATCH', route: '/resources', lostReply: 'repeat', statuses: [200] },
  /** Again: the source is gone (404), or is something new by now; or the target is taken (409), by us. */
  move: { method: 'POST', route: '/resources/move', lostReply: 'look', statuses: [201, 202] },
  /** Again: the target is taken (409), by us; or is somebody else's by now and would be replaced. */
  copy: { method: 'POST', route: '/resources/copy', lostReply: 'look', statuses: [201, 202] },
  /** Again: the server would fetch twice, and might keep both. */
  saveUrl: { method: 'POST', route: '/resources/upload', lostReply: 'look', statuses: [202] },
  /** What is public stays public, under the same link. */
  publish: { method: 'PUT', route: '/resources/publish', lostReply: 'repeat', statuses: [200] },
  unpublish: { method: 'PUT', route: '/resources/unpublish', lostReply: 'repeat', statuses: [200] },
  /** Sets the same values once more. */
  setPublicSettings: {
    method: 'PATCH',
    route: '/public/resources/public-settings',
    lostReply: 'repeat',
    statuses: [200],
  },
  /** Again: a second copy under another name. */
  savePublic: {
    method: 'POST',
    route: '/public/resources/save-to-disk',
    lostReply: 'look',
    statuses: [201, 202],
  },
  /** One item, whose path in the trash is never used twice. Again: 404, gone is gone. */
  deleteTrashed: { method: 'DELETE', route: '/trash/resources', lostReply: 'repeat', statuses: [204, 202] },
  /** Again: what was thrown away in between would be lost for good, unseen. */
  emptyTrash: { method: 'DELETE', route: '/trash/resources', lostReply: 'look', statuses: [204, 202] },
  /** Again: 404, or what is at the target by now would be replaced. */
  restore: { method: 'PUT', route: '/trash/resources/restore', lostReply: 'look', statuses: [201, 202] },
} as const satisfies Readonly<Record<string, Call>>;

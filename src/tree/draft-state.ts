/** What the tree knows of a draft: the bytes themselves lie in a file that content/ looks after. */
export interface DraftState {
  /** Of the file in the folder of drafts. */
  readonly name: string;
  readonly sizeBytes: number;
  /** Counts changes of the bytes; written down before the first one after a close or an upload, and at each close. */
  readonly version: number;
  /** The version that the base's content is; undefined when nothing of this draft was ever sent. */
  readonly sentVersion: number | undefined;
  /** False from when an open handle has created or truncated the file until its first close or fsync: half a copy is not sent. */
  readonly finished: boolean;
}

/**
 * Describes a folder's content by a rule instead of by its entries, so that a folder of a million files costs
 * nothing until one of them is changed. Names are `<prefix><number, padded><extension>`, in lower case.
 */
export interface DeclaredContent {
  readonly files: number;
  readonly folders?: number | undefined;
  readonly filePrefix?: string | undefined;
  readonly fileExtension?: string | undefined;
  readonly folderPrefix?: string | undefined;
  readonly fileSizeBytes: number;
  readonly seed?: string | undefined;
  /** What each of the folders holds. */
  readonly inside?: DeclaredContent | undefined;
}

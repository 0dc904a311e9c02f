/** For a tree of which nothing differs here. */
export const nothingLocal = {
  all: () => [].values(),
  node: () => undefined,
  basedAt: () => undefined,
  intendedAt: () => undefined,
  replacedAt: () => undefined,
  isPast: () => false,
  foldersAbove: () => [].values(),
  isFolderAbove: () => false,
};

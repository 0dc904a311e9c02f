/**
 * Runs a task for each item, but for no more than `most` at once: each may hold a file open, and descriptors end sooner than items do.
 * @returns what came of each, in the order of the items
 * @throws what the first task to fail throws; no other is begun after that
 */
export async function severalAtOnce<Item, Result>(
  items: Iterable<Item>,
  most: number,
  task: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const left = [...items].entries();
  let hasFailed = false;
  const worker = async () => {
    for (const [index, item] of left) {
      if (hasFailed) return;
      try {
        results[index] = await task(item);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: most }, worker));
  return results;
}

/**
 * The largest number that is accepted, found with few questions: `steps` in rising order, then halving between the last
 * accepted and the first refused. `most` was accepted; `sure` is the same when the next one was refused, null when none was.
 */
export async function largest(
  steps: readonly number[],
  accepts: (count: number) => Promise<boolean>,
): Promise<{ readonly most: number; readonly sure: number | null }> {
  let most = 0;
  let refused: number | null = null;
  for (const step of steps) {
    if (!(await accepts(step))) {
      refused = step;
      break;
    }
    most = step;
  }
  if (refused === null) return { most, sure: null };
  while (refused - most > 1) {
    const middle = Math.floor((most + refused) / 2);
    if (await accepts(middle)) most = middle;
    else refused = middle;
  }
  return { most, sure: most };
}

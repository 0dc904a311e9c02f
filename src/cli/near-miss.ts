/** Mistakes of a hand that types: letters left out, put in, changed or swapped. */
const mostMistakes = 2;

/** The one of `known` that was meant by a word that is none of them; undefined where none is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const most = Math.min(mostMistakes, Math.floor(word.length / 2));
  let [best, fewest]: [string | undefined, number] = [undefined, most + 1];
  for (const one of known) {
    const count = mistakes(word, one);
    if (count < fewest) [best, fewest] = [one, count];
  }
  // A beginning is no mistake, but it is not understood either.
  return best ?? known.find((one) => word.length >= 3 && one.startsWith(word));
}

/** Edits that lead from one word to the other; two letters that changed places are one. */
function mistakes(from: string, to: string): number {
  let [before, last]: [number[], number[]] = [[], Array.from({ length: to.length + 1 }, (_, at) => at)];
  for (let row = 1; row <= from.length; row++) {
    const next = [row];
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1];
      const isSwapped = row > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      next[column] = Math.min(
        (last[column] ?? 0) + 1,
        (next[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (isSame ? 0 : 1),
        isSwapped ? (before[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [before, last] = [last, next];
  }
  return last[to.length] ?? 0;
}

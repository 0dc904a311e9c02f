/** @import { Edit } from './edits.js' */

/** A place that an edit looks for is not there, or more often than it says. */
export class AnchorError extends Error {
  /**
   * @param {Edit} edit
   * @param {number} found
   */
  constructor(edit, found) {
    const firstLine = edit.find.trim().split('\n', 1)[0];
    super(`"${edit.name}": found ${found} places in place of ${edit.times ?? 1}, looking for: ${firstLine}`);
    this.name = 'AnchorError';
  }
}

/**
 * @param {string} source
 * @param {readonly Edit[]} edits  in order; a later one sees what an earlier one wrote
 * @returns {string}
 * @throws {AnchorError}
 */
export function applyEdits(source, edits) {
  let text = source;
  for (const edit of edits) {
    const pieces = text.split(edit.find);
    if (pieces.length - 1 !== (edit.times ?? 1)) throw new AnchorError(edit, pieces.length - 1);
    text = pieces.join(edit.put);
  }
  return text;
}

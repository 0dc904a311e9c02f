/**
 * Options are written as they are listed, in no other way: errors then name what was typed. Of an option given twice the last one counts.
 */
export const parserRules = {
  'boolean-negation': false,
  'camel-case-expansion': false,
  'duplicate-arguments-array': false,
} as const;

/** The hidden option by which shells ask what may come next; all words follow it, that of the program too. */
export const completionOption = '--get-yargs-completions';

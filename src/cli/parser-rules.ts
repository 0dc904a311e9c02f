/**
 * Options are written as they are listed, in no other way: errors then name what was typed. Of an option given twice the last one counts.
 */
export const parserRules = {
  'boolean-negation': false,
  'camel-case-expansion': false,
  'duplicate-arguments-array': false,
} as const;

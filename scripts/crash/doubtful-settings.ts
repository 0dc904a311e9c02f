import type { Random } from '../../test/stand-in/random.ts';
import { completeSettings, type SettingsInput } from '../../test/stand-in/settings.ts';

/** What nobody knows of the real Disk and a writer could stumble over: first what is likely, then the others. */
const doubtful = {
  overwriteKeepsResourceId: [true, false],
  overwriteKeepsProperties: [false, true],
  overwriteKeepsCreated: [true, false],
  overwriteCheckedAt: ['both', 'commit', 'link'],
  moveKeepsResourceId: [true, false],
  moveKeepsProperties: [true, false],
  moveKeepsModified: [true, false],
  moveMovesRevisionBeneath: [false, true],
  moveOntoFile: ['overwrite', 'conflict'],
  copyKeepsProperties: [true, false],
  operationMs: [60, 700],
  operationEffect: ['end', 'start'],
  fileDeleteIsAsync: [false, true],
  uploadLocksPath: [false, true],
  uploadAnswer: [201, 202],
  finalAfterMs: [300, 1500],
  patchBeforeFinal: ['mixed', 'drop', 'error', 'keep'],
  seenLateMs: [0, 700],
  listingLagMs: [0, 900],
  diskRevisionLagMs: [0, 500],
  diskRevisionMoves: ['always', 'sometimes', 'never'],
  folderRevisionFollowsChildren: [false, true],
} satisfies { readonly [Name in keyof SettingsInput]?: readonly SettingsInput[Name][] };

/** Never the subject of a crash test. */
const always: SettingsInput = { totalSpaceBytes: 1e13, lateCommitMs: 300 };

/**
 * @param choice `usual`: all as is likely; `other`: all the other way; `mixed`: each by chance; or JSON of some, the rest as usual
 * @throws Error for anything else
 */
export function settingsOf(choice: string, random: Random): SettingsInput {
  const picked = (pick: (values: readonly unknown[]) => unknown): SettingsInput =>
    Object.fromEntries(Object.entries(doubtful).map(([name, values]) => [name, pick(values)]));
  const usual = picked((values) => values[0]);
  switch (choice) {
    case 'usual':
      return { ...always, ...usual };
    case 'other':
      return { ...always, ...picked((values) => values[1]) };
    case 'mixed':
      return { ...always, ...picked((values) => values[random.below(values.length)]) };
    default: {
      const given: SettingsInput = JSON.parse(choice);
      completeSettings(given);
      return { ...always, ...usual, ...given };
    }
  }
}

/** Those that are not as usual, in words. */
export function unusualWords(settings: SettingsInput): string {
  const words = Object.entries(settings).flatMap(([name, value]) => {
    const usual = {
      ...always,
      ...Object.fromEntries(Object.entries(doubtful).map(([key, [first]]) => [key, first])),
    };
    return usual[name as keyof typeof usual] === value ? [] : [`${name}=${value}`];
  });
  return words.length === 0 ? 'settings as usual' : words.join(' ');
}

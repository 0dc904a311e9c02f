import { settingsOf } from '../../scripts/crash/doubtful-settings.ts';
import { seededRandom } from '../stand-in/random.ts';
import { describeMatrix } from './matrix-cases.ts';
import { afterTheEffect } from './outcomes.ts';

describeMatrix(
  'theirs when ours has taken effect',
  'after',
  settingsOf('usual', seededRandom('')),
  afterTheEffect,
);

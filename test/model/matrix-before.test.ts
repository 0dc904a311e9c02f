import { settingsOf } from '../../scripts/crash/doubtful-settings.ts';
import { seededRandom } from '../stand-in/random.ts';
import { describeMatrix } from './matrix-cases.ts';
import { beforeTheLook } from './outcomes.ts';

describeMatrix(
  'both before anything was sent',
  'before',
  settingsOf('usual', seededRandom('')),
  beforeTheLook,
);

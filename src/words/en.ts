import { answers } from './en/answers.ts';
import { help } from './en/help.ts';
import { login } from './en/login.ts';
import { notices } from './en/notices.ts';
import { sending } from './en/sending.ts';
import { status } from './en/status.ts';
import { formatSize } from './size.ts';

/** The catalogue by which the others are measured. */
export const en = {
  help,
  login,
  status,
  sending,
  answers,
  notices,
  /** Of bytes, for people: `512 bytes`, `37.2 GiB`. */
  size: formatSize,
  /** One sentence that was said in English, without line ends. */
  sentence: (text: string): string => text,
};

export type Words = typeof en;

import type { Words } from './en.ts';
import { answers } from './ru/answers.ts';
import { help } from './ru/help.ts';
import { login } from './ru/login.ts';
import { notices } from './ru/notices.ts';
import { sending } from './ru/sending.ts';
import { sentence } from './ru/sentence.ts';
import { size } from './ru/sizes.ts';
import { status } from './ru/status.ts';

/** In Russian. */
export const ru: Words = { help, login, status, sending, answers, notices, size, sentence };

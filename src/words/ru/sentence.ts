import { Sentences } from '../sentences.ts';
import { daemon } from './failures/daemon.ts';
import { disk } from './failures/disk.ts';
import { health } from './failures/health.ts';
import { login } from './failures/login.ts';
import { machine } from './failures/machine.ts';
import { usage } from './failures/usage.ts';

const sentences = new Sentences({ ...usage, ...login, ...disk, ...daemon, ...machine, ...health });

/** One sentence that was said in English. */
export const sentence = (text: string): string => sentences.translate(text);

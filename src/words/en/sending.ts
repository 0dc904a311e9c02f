import { formatSize } from '../size.ts';
import { counted } from './counted.ts';

/** Lines that say how far something is, and what it came to. */
export const sending = {
  sending: (queue: string, current: string) => `Sending ${queue}${current}`,
  lookingAgain: (count: number) => `Looking once more at ${counted(count, 'sent change')}`,
  everythingSent: 'Everything is on the server.',
  serverDownloads: (path: string, seconds: number) => `The server is downloading into ${path} … ${seconds} s`,
  downloading: (now: { filesDone: number; files: number; doneBytes: number; sizeBytes: number }) =>
    `Downloading ${now.filesDone} of ${counted(now.files, 'file')}, ${formatSize(now.doneBytes)} of ${formatSize(now.sizeBytes)}`,
  saving: 'Saving it to your Disk …',
  emptyingTrash: 'Emptying the trash …',
};

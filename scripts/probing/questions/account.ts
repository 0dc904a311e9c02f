import { wordsOf } from '../bench.ts';
import type { Question } from '../question.ts';
import { put, uploadLink } from '../uploads.ts';

const waitForRefusalMs = 6000;
const shortWaitMs = 200;

export const account: Question = {
  id: 'account',
  title: 'How large may a file be, and how is one refused that is larger, or than there is room for?',
  settings: ['maxFileSizeBytes', 'totalSpaceBytes', 'isPaid', 'quotaStatus'],
  promises: ['limits-are-told'],
  requests: 30,
  uploadBytes: 0,
  async ask(bench, answer) {
    const facts = await bench.disk();
    const {
      max_file_size: largestBytes,
      total_space: totalBytes,
      used_space: usedBytes,
      is_paid: isPaid,
    } = facts;
    if (totalBytes !== undefined) answer.is('totalSpaceBytes', totalBytes);
    if (isPaid !== undefined) answer.is('isPaid', isPaid);
    if (largestBytes === undefined) {
      answer.cannotTell('maxFileSizeBytes', 'the Disk does not tell max_file_size');
      return;
    }
    answer.is('maxFileSizeBytes', largestBytes);
    answer.say(
      `a file one byte too large, announced and not sent: ${await announce('too-large.bin', largestBytes + 1)}`,
    );

    const freeBytes = (totalBytes ?? Number.POSITIVE_INFINITY) - (usedBytes ?? 0);
    if (freeBytes < 0 || freeBytes + 1 > largestBytes) {
      answer.cannotTell(
        'quotaStatus',
        'more is free than one file may have: the Disk would have to be filled',
      );
    } else {
      const said = await announce('no-room.bin', freeBytes + 1);
      if (said === '507' || said === '403') answer.is('quotaStatus', said === '507' ? 507 : 403);
      else answer.cannotTell('quotaStatus', `more than there is room for, announced and not sent: ${said}`);
    }
    const photounlim = await bench.api('GET', '/resources', {
      path: 'photounlim:/',
      limit: '0',
      fields: 'type',
    });
    answer.say(`photounlim:/ is answered ${wordsOf(photounlim)}`);

    /** Announces so many bytes, sends none, and hears whether that is enough to be refused. */
    async function announce(name: string, announcedBytes: number): Promise<string> {
      const link = await uploadLink(bench, bench.path(name));
      const dropWhen = async () => {
        for (let waitedMs = 0; waitedMs < waitForRefusalMs; waitedMs += shortWaitMs)
          await bench.wait(shortWaitMs);
      };
      const reply = await put(bench, link, '', { announcedBytes, dropWhen });
      return wordsOf(reply);
    }
  },
};

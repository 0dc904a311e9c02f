import type { Question } from '../question.ts';
import { rangeWords, timedUpload, watchUpload } from '../timed-upload.ts';

const sizeBytes = 1024;
const name = 'small.bin';

export const visibility: Question = {
  id: 'visibility',
  title: 'How soon after its upload is a small file seen, and how is its upload answered?',
  settings: ['uploadAnswer', 'seenLateMs', 'lateCommitMs', 'uploadOperationLagMs', 'commitMs'],
  promises: ['own-lag-is-no-news', 'whole-or-not-at-all', 'retry-without-doubt'],
  requests: 50,
  uploadBytes: sizeBytes,
  async ask(bench, answer) {
    const uploaded = await timedUpload(bench, name, sizeBytes);
    const { status } = uploaded.reply;
    if (status === 201 || status === 202) answer.is('uploadAnswer', status);
    else answer.cannotTell('uploadAnswer', `the upload was answered ${status}`);
    answer.measured('commitMs', uploaded.tail);

    const [seen, ended] = await watchUpload(bench, name, uploaded);
    answer.say(`its operation said ${ended.value ?? 'in-progress'} after ${rangeWords(ended.after)}`);
    if (status === 202) {
      answer.measured('lateCommitMs', seen.after);
      for (const setting of ['seenLateMs', 'uploadOperationLagMs'] as const)
        answer.cannotTell(setting, 'after a 202 it is one with lateCommitMs');
    } else {
      answer.measured('seenLateMs', seen.after);
      if (uploaded.link.operationId !== undefined) answer.measured('uploadOperationLagMs', ended.after);
      else answer.cannotTell('uploadOperationLagMs', 'the upload link came without an operation');
      answer.cannotTell('lateCommitMs', 'no upload was answered 202');
    }
    if (!seen.value) return;
    const { value } = seen;
    const missing = (['md5', 'sha256', 'size'] as const).filter((field) => value[field] === undefined);
    answer.say(
      missing.length === 0 ? 'size and hashes were there at once' : `missing at first: ${missing.join(', ')}`,
    );
  },
};

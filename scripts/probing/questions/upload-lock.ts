import { type Reply, wordsOf } from '../bench.ts';
import type { Question } from '../question.ts';
import { found, patch } from '../resources.ts';
import { put, upload, uploadLink } from '../uploads.ts';

const sizeBytes = 64 << 10;
const tries = 3;

export const uploadLock: Question = {
  id: 'upload-lock',
  title: 'Is a path locked while bytes for it are on their way?',
  settings: ['uploadLocksPath'],
  promises: ['locked-is-retried', 'held-last-bytes'],
  requests: 30,
  uploadBytes: sizeBytes + 1000,
  async ask(bench, answer) {
    const path = bench.path('busy.bin');
    await upload(bench, path, bench.text());
    await found(bench, path);
    await bench.settle();
    const link = await uploadLink(bench, path, true);
    const content = Buffer.alloc(sizeBytes, bench.text());
    const meanwhile: Reply[] = [];
    const run = async () => {
      for (let attempt = 1; attempt <= tries; attempt++) {
        await bench.breathe();
        meanwhile.push(await patch(bench, path, { probe: `meanwhile ${attempt}` }));
      }
    };
    const reply = await put(bench, link, content, { halfway: { atBytes: sizeBytes / 2, run } });
    const locked = meanwhile.some(({ status }) => status === 423);
    const said = meanwhile.map(wordsOf).join(', ');
    if (!locked && !meanwhile.some(({ status }) => status === 200))
      answer.cannotTell('uploadLocksPath', `changing it meanwhile was answered ${said}`);
    else answer.is('uploadLocksPath', locked, `changing it meanwhile: ${said}; the upload: ${reply.status}`);
  },
};

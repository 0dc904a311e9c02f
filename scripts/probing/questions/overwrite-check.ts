import { wordsOf } from '../bench.ts';
import type { Question } from '../question.ts';
import { found } from '../resources.ts';
import { askUploadLink, md5Of, put, upload, uploadLink } from '../uploads.ts';

export const overwriteCheck: Question = {
  id: 'overwrite-check',
  title: 'Is overwrite=false looked at when the link is asked for, or when the upload ends?',
  settings: ['overwriteCheckedAt'],
  promises: ['nobody-overwritten', 'held-last-bytes'],
  requests: 40,
  uploadBytes: 1000,
  async ask(bench, answer) {
    await upload(bench, bench.path('taken.txt'), bench.text());
    await found(bench, bench.path('taken.txt'));
    const refusal = await askUploadLink(bench, bench.path('taken.txt'));
    const atLink = refusal.status === 409;

    // The link is asked for while the name is free; then somebody else takes the name.
    const path = bench.path('raced.txt');
    const link = await uploadLink(bench, path);
    const theirs = bench.text();
    await upload(bench, path, theirs);
    await found(bench, path, md5Of(theirs));
    const ours = bench.text();
    const reply = await put(bench, link, ours);
    await bench.settle();
    const atCommit = (await found(bench, path)).md5 === md5Of(theirs);

    const note = `link: ${wordsOf(refusal)}, PUT: ${wordsOf(reply)}, the name holds ${atCommit ? 'the first' : 'the second'} upload`;
    if (atLink && atCommit) answer.is('overwriteCheckedAt', 'both', note);
    else if (atLink) answer.is('overwriteCheckedAt', 'link', note);
    else if (atCommit) answer.is('overwriteCheckedAt', 'commit', note);
    else answer.cannotTell('overwriteCheckedAt', `at neither: ${note}`);
  },
};

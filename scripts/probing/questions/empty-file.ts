import { wordsOf } from '../bench.ts';
import { download } from '../downloads.ts';
import type { Question } from '../question.ts';
import { linkShape } from '../replies.ts';
import { found } from '../resources.ts';
import { put, uploadLink } from '../uploads.ts';

export const emptyFile: Question = {
  id: 'empty-file',
  title: 'Can an empty file be uploaded, and does it have a download link?',
  settings: ['emptyFileHasLink'],
  promises: ['empty-files'],
  requests: 30,
  uploadBytes: 0,
  async ask(bench, answer) {
    const path = bench.path('empty');
    const uploaded = await put(bench, await uploadLink(bench, path), '');
    answer.say(`the upload was answered ${uploaded.status}`);
    const file = await found(bench, path);
    answer.is(
      'emptyFileHasLink',
      file.file !== undefined,
      `media_type ${file.media_type ?? 'missing'}, size ${file.size}, md5 ${file.md5 ?? 'missing'}`,
    );
    const reply = await bench.api('GET', '/resources/download', { path });
    const link = linkShape.safeParse(reply.json);
    const fetched =
      reply.status === 200 && link.success
        ? await download(bench, link.data.href, 'download link')
        : undefined;
    answer.say(
      `a download link asked for: ${wordsOf(reply)}${fetched ? `, which was answered ${fetched.reply.status} with ${fetched.reply.body.length} bytes` : ''}`,
    );
  },
};

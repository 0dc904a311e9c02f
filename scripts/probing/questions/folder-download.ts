import { wordsOf } from '../bench.ts';
import { download } from '../downloads.ts';
import type { Question } from '../question.ts';
import { linkShape } from '../replies.ts';
import { makeFolder } from '../resources.ts';
import { upload } from '../uploads.ts';

export const folderDownload: Question = {
  id: 'folder-download',
  title: "Can a folder of one's own be downloaded as a zip?",
  settings: ['ownFolderDownload'],
  promises: ['folder-as-zip'],
  requests: 30,
  uploadBytes: 200,
  async ask(bench, answer) {
    const path = bench.path('folder');
    await makeFolder(bench, path);
    await upload(bench, bench.path('folder', 'file.txt'), bench.text());
    await bench.settle();
    const reply = await bench.api('GET', '/resources/download', { path });
    const link = linkShape.safeParse(reply.json);
    if (reply.status !== 200 || !link.success) {
      answer.is('ownFolderDownload', 'refused', `asking for the link was answered ${wordsOf(reply)}`);
      return;
    }
    const { reply: fetched } = await download(bench, link.data.href, 'folder link');
    const isZip = fetched.status === 200 && fetched.body.subarray(0, 2).toString('latin1') === 'PK';
    answer.is(
      'ownFolderDownload',
      isZip ? 'zip' : 'refused',
      `the link was answered ${fetched.status} ${fetched.headers['content-type'] ?? ''}`.trim(),
    );
  },
};

import { oneOf, type Question } from '../question.ts';
import { found, look } from '../resources.ts';
import { md5Of, put, uploadLink } from '../uploads.ts';

export const uploadLinks: Question = {
  id: 'upload-links',
  title: 'What answers a second PUT to one upload link, and a body without a length?',
  settings: ['uploadLinkReusedStatus', 'chunkedUploads'],
  promises: ['retry-without-doubt', 'whole-or-not-at-all'],
  requests: 30,
  uploadBytes: 1000,
  async ask(bench, answer) {
    const path = bench.path('twice.txt');
    const link = await uploadLink(bench, path);
    const text = bench.text();
    await put(bench, link, text);
    await found(bench, path, md5Of(text));
    const again = await put(bench, link, bench.text());
    const status = oneOf(again.status, [400, 404, 410]);
    await bench.settle();
    const kept = (await look(bench, path))?.md5 === md5Of(text);
    if (status === undefined) answer.cannotTell('uploadLinkReusedStatus', `it was answered ${again.status}`);
    else answer.is('uploadLinkReusedStatus', status);
    answer.say(`after the second PUT the first content ${kept ? 'stayed' : 'was replaced'}`);

    const chunked = bench.text();
    const reply = await put(bench, await uploadLink(bench, bench.path('chunked.txt')), chunked, {
      framing: 'chunked',
    });
    const taken = reply.status === 201 || reply.status === 202;
    const stored = taken ? await found(bench, bench.path('chunked.txt')) : undefined;
    answer.is('chunkedUploads', stored?.md5 === md5Of(chunked), `it was answered ${reply.status}`);
  },
};

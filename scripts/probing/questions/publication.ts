import { type Bench, Unexpected } from '../bench.ts';
import type { Question } from '../question.ts';
import { found, transferred } from '../resources.ts';
import { md5Of, upload } from '../uploads.ts';

export const publication: Question = {
  id: 'publication',
  title:
    'Does a public link survive an overwriting upload and a move, and does publishing move the revision?',
  settings: ['overwriteKeepsPublication', 'moveKeepsPublication', 'publishMovesRevision'],
  promises: ['links-survive', 'cheap-poll'],
  needs: 'public',
  requests: 40,
  uploadBytes: 500,
  async ask(bench, answer) {
    const path = bench.path('public.txt');
    await upload(bench, path, bench.text());
    await bench.settle();
    const before = await found(bench, path);
    await bench.tick();
    const published = await publish(bench, path);
    answer.is(
      'publishMovesRevision',
      published.revision !== before.revision,
      `modified ${published.modified === before.modified ? 'stays' : 'moves'}`,
    );

    const text = bench.text();
    await upload(bench, path, text, true);
    await found(bench, path, md5Of(text));
    await bench.settle();
    const overwritten = await found(bench, path);
    answer.is(
      'overwriteKeepsPublication',
      overwritten.public_url === published.public_url,
      whatBecame(overwritten.public_url),
    );

    const again = overwritten.public_url === undefined ? await publish(bench, path) : overwritten;
    await transferred(bench, 'move', path, bench.path('moved.txt'));
    const moved = await found(bench, bench.path('moved.txt'));
    answer.is('moveKeepsPublication', moved.public_url === again.public_url, whatBecame(moved.public_url));
    await bench.api('PUT', '/resources/unpublish', { path: bench.path('moved.txt') });
  },
};

async function publish(bench: Bench, path: string) {
  const reply = await bench.api('PUT', '/resources/publish', { path });
  if (reply.status !== 200) throw new Unexpected('publishing', reply);
  const resource = await found(bench, path);
  if (resource.public_url === undefined) throw new Error('what was published shows no public link');
  return resource;
}

function whatBecame(publicUrl: string | undefined): string {
  return publicUrl === undefined ? 'it is not public any more' : 'it is public';
}

import type { Bench } from '../bench.ts';
import type { Question } from '../question.ts';
import { found } from '../resources.ts';
import { put, randomContent, uploadLink } from '../uploads.ts';

const sizeBytes = 512 << 10;
const extensions = ['.txt', '', '.zip', '.mp4', '.mp3', '.jpg'];
/** Slower than the fastest by this factor, and by this time, is slowed on purpose if it is so twice. */
const slowedFactor = 3;
const slowedByMs = 150;
/** The network's part in what an upload takes is not known better than that. */
const tolerance = 0.15;

interface Sample {
  readonly extension: string;
  readonly mediaType: string;
  readonly ms: number;
}

export const uploadThrottle: Question = {
  id: 'upload-throttle',
  title: 'Which kinds of files are uploaded slowly, by their name alone?',
  settings: ['throttledMediaTypes', 'throttleBytesPerSecond'],
  promises: ['upload-speed'],
  requests: 50,
  uploadBytes: 2 * sizeBytes * extensions.length,
  async ask(bench, answer) {
    const samples: Sample[] = [];
    for (const extension of extensions) samples.push(await sample(bench, 'first', extension));
    const quickestMs = Math.min(...samples.map(({ ms }) => ms));
    const isSlow = ({ ms }: Sample) => ms > slowedFactor * quickestMs && ms > quickestMs + slowedByMs;
    const slowed: Sample[] = [];
    for (const first of samples) {
      if (!isSlow(first)) continue;
      const second = await sample(bench, 'second', first.extension);
      if (isSlow(second)) slowed.push(second.ms < first.ms ? second : first);
    }
    answer.is(
      'throttledMediaTypes',
      [...new Set(slowed.map(({ mediaType }) => mediaType))],
      samples.map(({ mediaType, ms }) => `${mediaType} ${Math.round(perSecond(ms) / 1024)} KiB/s`).join(', '),
    );
    if (slowed.length === 0) {
      answer.cannotTell('throttleBytesPerSecond', 'nothing was slowed');
      return;
    }
    const leastMs = Math.min(...slowed.map(({ ms }) => ms));
    answer.measured('throttleBytesPerSecond', {
      atLeast: perSecond(leastMs) * (1 - tolerance),
      atMost: perSecond(Math.max(1, leastMs - quickestMs)) * (1 + tolerance),
    });
  },
};

async function sample(bench: Bench, name: string, extension: string): Promise<Sample> {
  const path = bench.path(`${name}${extension}`);
  const reply = await put(bench, await uploadLink(bench, path), '', {
    bytes: randomContent(sizeBytes),
    sizeBytes,
  });
  const { media_type: mediaType = 'unknown' } = await found(bench, path);
  return { extension, mediaType, ms: Math.max(1, reply.answeredAtMs - reply.sentAtMs) };
}

function perSecond(ms: number): number {
  return (sizeBytes * 1000) / ms;
}

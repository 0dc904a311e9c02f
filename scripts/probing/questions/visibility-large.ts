import type { Bench } from '../bench.ts';
import { watch } from '../polling.ts';
import type { Answer, Question, Range } from '../question.ts';
import { list, look, patch } from '../resources.ts';
import { rangeWords, type TimedUpload, timedUpload, watchUpload } from '../timed-upload.ts';

const smallBytes = 1024;
const mebibyte = 1024 ** 2;
/** Beyond the usual patience, for each MiB: three minutes for a GiB were asked for by users. */
const patienceMsPerMiB = 200;
const patchTries = 5;

/** How soon a large file is in place: the service has more to do with it. */
export function largeVisibility(sizesBytes: readonly number[]): Question {
  return {
    id: 'visibility-large',
    title: `How soon after its upload is a large file seen and finished (${sizesBytes.map(shownSize).join(', ')})?`,
    settings: ['commitMsPerMiB'],
    promises: ['own-lag-is-no-news', 'mtime-reaches-server', 'retry-without-doubt'],
    needs: 'large',
    requests: 20 + 150 * sizesBytes.length,
    uploadBytes: sizesBytes.reduce((sum, sizeBytes) => sum + sizeBytes, smallBytes),
    async ask(bench, answer) {
      const small = await timedUpload(bench, 'small.bin', smallBytes);
      for (const [index, sizeBytes] of sizesBytes.entries()) {
        const name = `large-${index}.bin`;
        const uploaded = await timedUpload(bench, name, sizeBytes);
        await noteSight(bench, answer, name, uploaded, sizeBytes);
        answer.say(`${shownSize(sizeBytes)}: a property ${await propertyFate(bench, name, uploaded)}`);
        if (index === sizesBytes.length - 1) noteTail(answer, uploaded.tail, small.tail, sizeBytes);
      }
    },
  };
}

async function noteSight(
  bench: Bench,
  answer: Answer,
  name: string,
  uploaded: TimedUpload,
  sizeBytes: number,
): Promise<void> {
  const atMostMs = bench.pace.patienceMs + (patienceMsPerMiB * sizeBytes) / mebibyte;
  const [seen, ended] = await watchUpload(bench, name, uploaded, atMostMs);
  const listed = await watch(bench, uploaded.reply, async () => {
    const { names } = await list(bench, bench.folder);
    return names.includes(name) || undefined;
  });
  answer.say(
    `${shownSize(sizeBytes)}: answered ${uploaded.reply.status}, seen after ${rangeWords(seen.after)}, ` +
      `listed after ${rangeWords(listed.after)}, its operation said ${ended.value ?? 'in-progress'} after ${rangeWords(ended.after)}`,
  );
}

/** Sets a property again and again, each time later, until it stays. */
async function propertyFate(bench: Bench, name: string, { reply }: TimedUpload): Promise<string> {
  const fates: string[] = [];
  for (let attempt = 1; attempt <= patchTries; attempt++) {
    const value = `try ${attempt}`;
    const patched = await patch(bench, bench.path(name), { probe: value });
    const afterMs = Math.round(patched.sentAtMs - reply.answeredAtMs);
    await bench.settle();
    const kept = (await look(bench, bench.path(name)))?.custom_properties?.['probe'] === value;
    if (patched.status === 200 && kept) {
      fates.push(`stayed when set after ${afterMs} ms`);
      break;
    }
    fates.push(
      `set after ${afterMs} ms was ${patched.status === 200 ? 'lost' : `answered ${patched.status}`}`,
    );
  }
  return fates.join(', ');
}

function noteTail(answer: Answer, large: Range, small: Range, sizeBytes: number): void {
  const mebibytes = (sizeBytes - smallBytes) / mebibyte;
  const atLeast = (large.atLeast - (small.atMost ?? 0)) / mebibytes;
  const atMost = ((large.atMost ?? 0) - small.atLeast) / mebibytes;
  const note = `the answer to ${shownSize(sizeBytes)} came ${rangeWords(large)} after its last byte`;
  answer.measured('commitMsPerMiB', { atLeast, atMost }, note);
}

function shownSize(sizeBytes: number): string {
  return sizeBytes >= 1024 ** 3
    ? `${Math.round((10 * sizeBytes) / 1024 ** 3) / 10} GiB`
    : `${Math.round(sizeBytes / mebibyte)} MiB`;
}

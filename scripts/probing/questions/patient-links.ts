import type { Bench } from '../bench.ts';
import { operationStatus } from '../operations.ts';
import { oneOf, type Question, type Range } from '../question.ts';
import { put, type UploadLink, uploadLink } from '../uploads.ts';

const minuteMs = 60_000;
/** Ages at which a link is used for the first time. Documented: 30 minutes. */
const agesMinutes = [2, 5, 10, 15, 20, 25, 29, 31, 35, 45, 61];

export const patientLinks: Question = {
  id: 'patient-links',
  title: 'How long does an unused upload link live, and what becomes of it and of operation ids?',
  settings: ['uploadLinkLifeMs', 'uploadLinkExpiredStatus', 'abandonedUpload', 'operationLifeMs'],
  promises: ['whole-or-not-at-all', 'held-last-bytes', 'operations-are-waited-for'],
  needs: 'patient',
  requests: 60,
  uploadBytes: 2000,
  async ask(bench, answer) {
    const issued: { readonly link: UploadLink; readonly sentAtMs: number; readonly answeredAtMs: number }[] =
      [];
    for (const minutes of agesMinutes) {
      const sentAtMs = bench.clock.nowMs();
      const link = await uploadLink(bench, bench.path(`after-${minutes}.txt`));
      issued.push({ link, sentAtMs, answeredAtMs: bench.clock.nowMs() });
    }
    const first = await uploadLink(bench, bench.path('at-once.txt'));
    const uploaded = await put(bench, first, bench.text());
    const life: { alive: number; dead: number | null; status: number | undefined } = {
      alive: 0,
      dead: null,
      status: 0,
    };
    const known: { alive: number; dead: number | null } = { alive: 0, dead: null };
    for (const [index, { link, sentAtMs, answeredAtMs }] of issued.entries()) {
      const ageMs = (agesMinutes[index] ?? 0) * minuteMs;
      await bench.wait(Math.max(0, answeredAtMs + ageMs - bench.clock.nowMs()));
      if (known.dead === null && first.operationId !== undefined) {
        const beforeMs = bench.clock.nowMs();
        const gone = (await operationStatus(bench, first.operationId)) === undefined;
        if (gone) known.dead = bench.clock.nowMs() - uploaded.sentAtMs;
        else known.alive = beforeMs - uploaded.answeredAtMs;
      }
      if (life.dead !== null) continue;
      const reply = await put(bench, link, bench.text());
      if (reply.status === 201 || reply.status === 202) {
        life.alive = reply.sentAtMs - answeredAtMs;
        continue;
      }
      life.dead = reply.answeredAtMs - sentAtMs;
      life.status = reply.status;
      await noteAbandoned(bench, link);
    }
    answer.measured('uploadLinkLifeMs', { atLeast: life.alive, atMost: life.dead });
    answer.measured('operationLifeMs', { atLeast: known.alive, atMost: known.dead } satisfies Range);
    if (life.dead === null) {
      for (const setting of ['uploadLinkExpiredStatus', 'abandonedUpload'] as const)
        answer.cannotTell(setting, 'no link died while it was watched');
      return;
    }
    const status = oneOf(life.status, [410, 404]);
    if (status === undefined) answer.cannotTell('uploadLinkExpiredStatus', `it was answered ${life.status}`);
    else answer.is('uploadLinkExpiredStatus', status);

    async function noteAbandoned(at: Bench, { operationId }: UploadLink): Promise<void> {
      const said = operationId === undefined ? 'unknown' : await operationStatus(at, operationId);
      if (said === undefined) answer.is('abandonedUpload', 'forgotten');
      else if (said === 'failed' || said === 'failure') answer.is('abandonedUpload', 'failed');
      else answer.cannotTell('abandonedUpload', `the operation of a dead link says ${said}`);
    }
  },
};

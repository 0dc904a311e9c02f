import { setTimeout as sleep } from 'node:timers/promises';
import { allQuestions, type Subject } from '../../scripts/probing/catalogue.ts';
import type { Clock } from '../../scripts/probing/clock.ts';
import type { Person } from '../../scripts/probing/person.ts';
import { Probe } from '../../scripts/probing/probe.ts';
import type { OptIn } from '../../scripts/probing/question.ts';
import type { ProbeReport } from '../../scripts/probing/report.ts';
import { type StandIn, type StandInOptions, startStandIn } from '../stand-in/index.ts';
import type { SettingsInput } from '../stand-in/settings.ts';

export interface ProbingOptions {
  readonly only?: readonly string[];
  readonly optedIn?: readonly OptIn[];
  readonly shared?: string;
  readonly person?: (disk: StandIn) => Person;
  /** Fills the Disk before the probe comes. */
  readonly fill?: (disk: StandIn) => void;
  readonly standIn?: StandInOptions;
}

export const largeBytes = 4 << 20;
const emptySubject: Subject = { largeSizesBytes: [largeBytes], shared: undefined, client: undefined };

/**
 * Waits hardly take place: they move the stand-in's clock. What replies take is real, and counts; and for what the stand-in
 * does in real time a little of each wait is left.
 */
export function standInClock(disk: StandIn): Clock {
  return {
    nowMs: () => disk.clock.now(),
    wait: async (ms, signal) => {
      await sleep(Math.min(4, Math.max(2, ms / 1000)), undefined, { signal });
      disk.control.advance(ms);
    },
  };
}

/** Nobody who could answer anything. */
const nobody: Person = { present: false, tell: () => {}, confirm: async () => false };

/** A stand-in with these settings, and what the probe says of it. */
export async function probeStandIn(
  settings: SettingsInput,
  options: ProbingOptions = {},
): Promise<{ readonly report: ProbeReport; readonly disk: StandIn }> {
  const disk = await startStandIn({ ...options.standIn, settings });
  try {
    options.fill?.(disk);
    return { report: await probeRunning(disk, options), disk };
  } finally {
    await disk.close();
  }
}

/** What the probe says of a stand-in that is running. */
export async function probeRunning(disk: StandIn, options: ProbingOptions = {}): Promise<ProbeReport> {
  const { only, optedIn = [], shared, person } = options;
  const { clientId: id, clientSecret: secret } = disk.settings;
  const questions = allQuestions({ ...emptySubject, shared, client: { id, secret } });
  const probe = new Probe({
    apiUrl: new URL(disk.apiUrl),
    oauthUrl: new URL(disk.oauthUrl),
    tokens: { accessToken: async () => disk.token },
    requestsPerSecond: 0,
    clock: standInClock(disk),
    person: person?.(disk) ?? nobody,
    signal: new AbortController().signal,
  });
  try {
    return await probe.run(
      only ? questions.filter(({ id: each }) => only.includes(each)) : questions,
      new Set(optedIn),
    );
  } finally {
    probe.close();
  }
}

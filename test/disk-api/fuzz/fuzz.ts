import { inspect } from 'node:util';
import { Hosts } from './hosts.ts';
import { type CaseResult, runCase } from './one-case.ts';

export interface FuzzOptions {
  readonly seed: string;
  /** Goes on until so many replies were mutated. */
  readonly mutations: number;
  /** Cases under way at once. */
  readonly together: number;
  /** Of so many cases, one is never given up. */
  readonly patientEvery: number;
  readonly onCase?: (id: string, result: CaseResult) => void;
}

export interface FuzzReport {
  readonly cases: number;
  readonly mutations: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly complaints: readonly { readonly id: string; readonly call: string; readonly complaint: string }[];
}

/** Runs cases, many at a time, until enough replies were mutated; also hears what nobody caught. */
export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const hosts = new Hosts();
  await hosts.open();
  const complaints: { id: string; call: string; complaint: string }[] = [];
  const outcomes: Record<string, number> = {};
  let cases = 0;
  let mutations = 0;
  const onUncaught = (error: unknown) =>
    complaints.push({
      id: 'somewhere',
      call: 'unknown',
      complaint: `not caught: ${inspect(error, { depth: 4 })}`,
    });
  process.on('unhandledRejection', onUncaught);
  process.on('uncaughtException', onUncaught);
  try {
    const worker = async () => {
      while (mutations < options.mutations) {
        const number = cases++;
        const id = caseId(options.seed, number);
        const result = await runCase(hosts, id, number % options.patientEvery === 0);
        mutations += result.mutations;
        outcomes[result.outcome] = (outcomes[result.outcome] ?? 0) + 1;
        if (result.complaint !== undefined)
          complaints.push({ id, call: result.call, complaint: result.complaint });
        options.onCase?.(id, result);
      }
    };
    await Promise.all(Array.from({ length: options.together }, worker));
  } finally {
    process.off('unhandledRejection', onUncaught);
    process.off('uncaughtException', onUncaught);
    await hosts.close();
  }
  return { cases, mutations, outcomes, complaints };
}

export function caseId(seed: string, number: number): string {
  return `${seed}-${number}`;
}

/** Runs one case again. */
export async function fuzzOne(id: string): Promise<CaseResult> {
  const hosts = new Hosts();
  await hosts.open();
  try {
    return await runCase(hosts, id, true);
  } finally {
    await hosts.close();
  }
}

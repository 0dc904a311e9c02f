import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { Api } from '../../../src/disk-api/api.ts';
import { Failure } from '../../../src/errors.ts';
import { type FuzzedCall, fuzzedCalls } from './fuzzed-calls.ts';
import type { Arrival, Hosts } from './hosts.ts';
import { mutate, type WireReply } from './mutations.ts';
import { Random } from './random.ts';
import { fileBytes, validReply } from './valid-replies.ts';

const token = 'y0_fuzzed-TOKEN';
/** A call that nobody gave up may take its time; one that was given up must end at once. */
const naturalMs = 100_000;
const givenUpMs = 1_500;

export interface CaseResult {
  readonly call: string;
  readonly mutations: number;
  readonly outcome: string;
  /** What was wrong; undefined when all was well. */
  readonly complaint: string | undefined;
}

interface Said {
  readonly arrival: Arrival;
  readonly reply: WireReply;
  readonly how: string | undefined;
}

/**
 * One call of the client against a Disk some of whose replies are mutated.
 * @param patient never gives the call up, and so finds out whether it ends by itself
 */
export async function runCase(hosts: Hosts, id: string, patient: boolean): Promise<CaseResult> {
  const random = new Random(id);
  const call = random.pick(fuzzedCalls);
  // Mostly the first replies go wrong; sometimes each may.
  const wrongFirst = 1 + random.below(3);
  const wrongLater = random.chance(0.3) ? 0.5 : 0;
  const giveUpAfterMs = random.chance(0.3) ? random.below(200) : 400 + random.below(600);
  const said: Said[] = [];
  const urls = hosts.begin(id, (arrival) => {
    const range = arrival.headers.range;
    const valid = validReply({ ...arrival, range }, random, urls);
    const isWrong = said.length < wrongFirst ? random.chance(0.8) : random.chance(wrongLater);
    const mutated = isWrong ? mutate(valid, random, hosts.evil) : undefined;
    const reply = mutated?.reply ?? valid;
    said.push({ arrival, reply, how: mutated?.how });
    return reply;
  });
  const api = new Api({
    url: new URL(urls.api),
    tokens: { accessToken: async () => token, refused: async () => random.chance(0.5) },
    ratePerSecond: 0,
  });
  const giving = new AbortController();
  const givingUp = patient ? undefined : setTimeout(() => giving.abort(), giveUpAfterMs);
  const strayedBefore = hosts.strayed.length;
  const limitMs = patient ? naturalMs : giveUpAfterMs + givenUpMs;
  const late = new AbortController();
  try {
    const ending = call.run(api, giving.signal).then(
      () => 'resolved',
      (error: unknown) => error,
    );
    const outcome = await Promise.race([ending, sleep(limitMs, 'hangs', { signal: late.signal })]);
    late.abort();
    const complaint =
      (outcome === 'hangs' ? `does not end in ${limitMs} ms` : undefined) ??
      complaintOfError(outcome) ??
      complaintOfRequests(call, said) ??
      complaintOfStrays(hosts, strayedBefore);
    return {
      call: call.name,
      mutations: said.filter(({ how }) => how !== undefined).length,
      outcome: outcome instanceof Failure ? outcome.code : String(outcome),
      complaint: complaint && `${complaint}\n  ${said.map(describeSaid).join('\n  ')}`,
    };
  } finally {
    clearTimeout(givingUp);
    api.close();
    hosts.end(id);
  }
}

function complaintOfError(outcome: unknown): string | undefined {
  if (outcome === 'resolved' || outcome === 'hangs') return undefined;
  if (!(outcome instanceof Failure)) return `throws ${inspect(outcome, { depth: 4 })}`;
  if (outcome.code === 'local') return `takes it for a mistake of its own: ${inspect(outcome, { depth: 4 })}`;
  if (inspect(outcome, { depth: 20, showHidden: true }).includes(token))
    return 'tells the token in a failure';
  return undefined;
}

/** The request says what is to be changed: nothing else may be, and nothing twice that may do harm twice. */
function complaintOfRequests(call: FuzzedCall, said: readonly Said[]): string | undefined {
  let mayBeDone = false;
  for (const { arrival, reply } of said) {
    const isData = arrival.path === '/data';
    if (isData && arrival.headers['authorization'] !== undefined) return 'sends the token to a data host';
    if (arrival.method === 'GET') continue;
    const { change } = call;
    if (!change || arrival.method !== change.method || arrival.path !== change.route)
      return `sends ${arrival.method} ${arrival.path}`;
    for (const [name, value] of Object.entries(change.parameters))
      if (arrival.query.get(name) !== value)
        return `changes ${name}=${arrival.query.get(name)} instead of ${value}`;
    for (const name of ['path', 'from', 'save_path'])
      if (arrival.query.has(name) && change.parameters[name] === undefined) return `adds ${name}`;
    if (isData && arrival.body !== undefined && !arrival.body.equals(fileBytes)) return 'uploads other bytes';
    if (mayBeDone && !change.repeatable) return 'repeats what may do harm when it is done twice';
    mayBeDone ||= !isRefusal(reply);
  }
  return undefined;
}

/** Refused for being too much, in the way of something else, or without a right: then nothing was done. */
function isRefusal(reply: WireReply): boolean {
  if (reply.wire !== undefined || reply.cutAfterBytes !== undefined) return false;
  return (
    [401, 423, 429].includes(reply.status) ||
    /DiskResourceLockedError|TooManyRequestsError|UnauthorizedError/.test(reply.body.toString('latin1'))
  );
}

function complaintOfStrays(hosts: Hosts, before: number): string | undefined {
  for (const { url, headers } of hosts.strayed.slice(before)) {
    if (headers['authorization'] !== undefined || url.includes(token))
      return `sends the token elsewhere: ${url}`;
  }
  return hosts.lookedUp.length > 0 ? `looks for the hosts ${hosts.lookedUp.join(', ')}` : undefined;
}

function describeSaid({ arrival, reply, how }: Said): string {
  const body = reply.body.toString('utf8').slice(0, 300);
  return `${arrival.method} ${arrival.path}?${arrival.query} → ${how ?? reply.status} ${JSON.stringify(reply.headers).slice(0, 200)} ${body}`;
}

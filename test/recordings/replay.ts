import { createHash } from 'node:crypto';
import { standingClock } from '../stand-in/clock.ts';
import { yandexNames } from '../stand-in/http/hosts.ts';
import { startStandIn } from '../stand-in/index.ts';
import type { SettingsInput } from '../stand-in/settings.ts';
import { Bindings } from './bindings.ts';
import { Comparison } from './comparison.ts';
import type { RecordedExchange, RecordedResponse, Recording } from './load.ts';
import { type LiveReply, Player } from './player.ts';
import { type Stage, sceneOf } from './scenes.ts';

/** What came of one recorded exchange. */
export interface Replayed {
  /** Its place in the recording. */
  readonly number: number;
  /** `PUT https://cloud-api.yandex.net/v1/disk/resources?path=…` */
  readonly request: string;
  /** How the stand-in's reply differs, a line each. */
  readonly differences: readonly string[];
}

/**
 * Plays a recording on a stand-in of its own, in the state that the recording implies.
 * @param settings wrong ones, to see that they are noticed.
 */
export async function replay(recording: Recording, settings: SettingsInput = {}): Promise<Replayed[]> {
  const scene = sceneOf(recording.name);
  const disk = await startStandIn({
    clock: standingClock(),
    names: yandexNames,
    token: 'TOKEN',
    settings: { ...scene.settings, ...settings },
  });
  const bindings = new Bindings();
  const player = new Player(Number(new URL(disk.apiUrl).port), bindings);
  const stage: Stage = { disk, recording, bindings, player, planted: new Set() };
  const comparison = new Comparison(bindings, () => disk.clock.now(), stage.planted);
  const replayed: Replayed[] = [];
  try {
    await scene.arrange?.(stage);
    for (const [number, exchange] of recording.exchanges.entries()) {
      await scene.before?.[number]?.(stage);
      disk.clock.advance(passedMs(exchange, scene.stepMs));
      const differences = await playExchange(exchange, player, comparison);
      const { method, url } = exchange.request;
      replayed.push({ number, request: `${method} ${url}`, differences });
    }
  } finally {
    player.close();
    await disk.close();
  }
  return replayed;
}

/** Sends a request as often as it was recorded. @returns what is wrong with the replies, each once. */
async function playExchange(
  { request, response, repeated = 1 }: RecordedExchange,
  player: Player,
  comparison: Comparison,
): Promise<string[]> {
  const differences = new Set<string>();
  for (let times = 0; times < repeated; times++) {
    let reply: LiveReply;
    try {
      reply = await player.send(request);
    } catch (error) {
      return [`not sent: ${error instanceof Error ? error.message : error}`];
    }
    for (const difference of compareReplies(response, reply, comparison)) differences.add(difference);
  }
  return [...differences];
}

/** None passes while an operation is said to go on, and enough until it is said to be done. */
function passedMs({ request, response }: RecordedExchange, stepMs = 1000): number {
  if (!/\/operations\/[0-9a-f]{64}/.test(request.url)) return stepMs;
  const { body } = response;
  const done = body && 'json' in body && (body.json as { status?: unknown } | null)?.status === 'success';
  return done ? 10_000 : 0;
}

function compareReplies(recorded: RecordedResponse, live: LiveReply, comparison: Comparison): string[] {
  const differences: string[] = [];
  const expectEqual = (what: string, wanted: unknown, found: unknown) => {
    if (wanted !== found) differences.push(`${what}: ${found ?? 'none'}, recorded ${wanted ?? 'none'}`);
  };
  expectEqual('status', recorded.status, live.status);
  expectEqual('content-type', recorded.headers['content-type'], live.headers['content-type']);
  // A 204 was recorded with `content-length: 0` in 2024 and without in 2025.
  if (recorded.status !== 204) {
    const expected = 'content-length' in recorded.headers ? String(live.bytes.length) : undefined;
    expectEqual('content-length', expected, live.headers['content-length']);
  }
  return [...differences, ...compareBodies(recorded, live, comparison)];
}

function compareBodies(
  { body, headers }: RecordedResponse,
  live: LiveReply,
  comparison: Comparison,
): string[] {
  const { bytes } = live;
  if (body === null) return bytes.length === 0 ? [] : [`a body of ${bytes.length} bytes, recorded none`];
  if ('json' in body) {
    try {
      return comparison.compare(body.json, JSON.parse(bytes.toString('utf8')));
    } catch {
      return [`no JSON: ${bytes.toString('utf8').slice(0, 80)}`];
    }
  }
  if (headers['content-type'] === 'text/html') {
    const [wanted, found] = [skeleton(body.text ?? ''), skeleton(bytes.toString('latin1'))];
    return wanted === found ? [] : [`the page ${found}, recorded ${wanted}`];
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return sha256 === body.sha256 ? [] : [`other bytes: ${bytes.length}, recorded ${body.length}`];
}

/** The tags of a page and who made it: its words name the status, and were recorded under two of them. */
function skeleton(page: string): string {
  return [...page.matchAll(/<[^>]+>|nginx/g)].join('');
}

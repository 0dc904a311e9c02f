/**
 * The network side of the stand-in Disk: everything between the socket and the handlers, and nothing of what a
 * Disk means. It delays, limits bandwidth, breaks replies on demand, holds requests at gates, cuts the network, counts.
 *
 * ```ts
 * const wire = new Wire({ random: seededRandom('7'), settings: { delayMs: 50, connectDelayMs: 100, downBytesPerSecond: 20e6 } });
 * wire.attach(apiServer, 'api'); // before listen(); http or https; one role for each server
 *
 * apiServer.on('request', (req, res) => void handle(req, res)); // `handle` is async
 *
 * async function handle(req, res) {
 *   const exchange = wire.begin(req, res, { route: 'uploader.put', path: 'disk:/a.txt' });
 *   try {
 *     if ((await wire.before(exchange)).kind === 'answered') return; // delays, gates, faults
 *     for await (const chunk of wire.requestBody(exchange)) store(chunk); // throws RequestBodyBroken
 *     await wire.beforeCommit(exchange); // uploads only: throws ExchangeEnded when rejected
 *     commit();
 *     await wire.respond(exchange, { status: 201, headers: {}, body: null });
 *   } catch (error) {
 *     if (!(error instanceof ExchangeEnded)) throw error; // RequestBodyBroken is one as well
 *   }
 * }
 * ```
 *
 * - `begin` is called once for each request, synchronously in the `request` event. The request counts from there.
 * - Every reply goes through `respond`, or the statistics lack its status and no fault reaches it. `res` is not
 *   written by handlers. On an exchange that is over, `respond` does nothing and answers `gone`.
 * - `requestBody(exchange, { bytesPerSecond })` slows one upload down, for what the Disk decides by itself.
 * - An exchange may have another role than its server (one server for several hosts): `begin(…, { role })`.
 * - Rules, settings and cuts are plain JSON and are checked on entry (ZodError), so a control interface can pass
 *   on what it was sent; `describe()`, `faultLog`, `statistics.snapshot()` and `requestLog.list()` are plain JSON
 *   to send back. Gates are reached by id: `gate(id)`.
 * - A client that leaves does not undo what it asked for: `before` and `beforeCommit` go on, the effect happens, and
 *   `respond` answers `gone`. Only the wire itself stops a handler: faults, a gate's `reject`, a cut while the request
 *   is on its way, `close`.
 * - Faults and gates are found by `route` (`resources.*`), `method`, `path`, `pathMatches` and `role`; see rules.ts for
 *   all kinds. A fault is in `faultLog` only once it has really happened, with the id of its exchange.
 * - `close()` ends every wait and every connection; servers are closed by whoever opened them.
 */
export type { WireClock } from './clock.ts';
export { realClock } from './clock.ts';
export type {
  ConnectionInfo,
  Exchange,
  ExchangeDescription,
  Passage,
  Reply,
  ReplyOutcome,
} from './exchange.ts';
export { ExchangeEnded, RequestBodyBroken } from './exchange.ts';
export type { FaultDescription, FaultLogEntry } from './fault-book.ts';
export type { Gate, GateDescription } from './gate-book.ts';
export type { RequestLogEntry } from './request-log.ts';
export type { CutOptions, Fault, FaultKind, FaultRule, GateRule, Match, Stage } from './rules.ts';
export { cutOptionsSchema, faultRuleSchema, faultSchema, gateRuleSchema } from './rules.ts';
export type { Pace, PaceOverride, Settings, SettingsPatch } from './settings.ts';
export { settingsPatchSchema } from './settings.ts';
export type { ConnectionTally, StatisticsSnapshot, Tally } from './statistics.ts';
export type { WireDescription, WireOptions } from './wire.ts';
export { Wire } from './wire.ts';

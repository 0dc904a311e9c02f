import { validateHeaderName, validateHeaderValue } from 'node:http';
import * as z from 'zod';

/** Which exchanges a rule is about. All that is given must fit; nothing given fits everything. */
export const matchSchema = z.strictObject({
  /** Role of the exchange, `*` for any run of characters. */
  role: z.string().optional(),
  /** Route name with `*` for any run of characters (`resources.*`), or several. */
  route: z.union([z.string(), z.array(z.string())]).optional(),
  method: z.string().optional(),
  /** The exact path that the request names. */
  path: z.string().optional(),
  /** Source of a regular expression, looked for in the path, or in the URL where a request names no path. */
  pathMatches: z
    .string()
    .refine((source) => isRegularExpression(source), 'not a regular expression')
    .optional(),
});
export type Match = z.infer<typeof matchSchema>;

/** Where in an exchange something happens: before the handler does anything; between an upload's last byte and
 * its commit; after the effect, before the first byte of the reply. */
export const stageSchema = z.enum(['before', 'before-commit', 'before-response']);
export type Stage = z.infer<typeof stageSchema>;

const stage = stageSchema.optional();
const direction = z.enum(['up', 'down']).optional();
const bytes = z.int().min(0);
/** How a connection ends: `rst` loses what is still in the kernel's buffers, `fin` delivers it first. */
const ending = z.enum(['rst', 'fin']).optional();
const headers = z
  .record(z.string(), z.string())
  .refine((all) => Object.entries(all).every(([name, value]) => isHeader(name, value)), 'not headers');

/** One way in which an exchange goes wrong. `direction` is `down` unless given, `stage` is `before`. */
export const faultSchema = z.discriminatedUnion('kind', [
  /** Answered with a status by the wire itself. `body`: `json` (default), `html` or `empty`. */
  z.strictObject({
    kind: z.literal('status'),
    status: z.int().min(200).max(599),
    body: z.enum(['json', 'html', 'empty']).optional(),
    /** The JSON body's `error`, `description` and `message`. */
    error: z.string().optional(),
    description: z.string().optional(),
    message: z.string().optional(),
    headers: headers.optional(),
    stage,
  }),
  /** The connection is destroyed, by `rst` unless told. */
  z.strictObject({ kind: z.literal('reset'), ending, stage }),
  /** Nothing is answered for as long as the client waits. */
  z.strictObject({ kind: z.literal('silence'), stage }),
  /** Goes on after a further wait. */
  z.strictObject({ kind: z.literal('delay'), delayMs: z.number().min(0), stage }),
  /** The effect happened, nothing of the reply is sent, the connection dies. Same as `reset` before the response. */
  z.strictObject({ kind: z.literal('lost-reply'), ending }),
  /** The connection is destroyed (`fin` unless told) after this many bytes of the body. */
  z.strictObject({ kind: z.literal('cut'), direction, afterBytes: bytes, ending }),
  /** The body stops after this many bytes, for `forMs` or, when that is absent or null, for ever. */
  z.strictObject({
    kind: z.literal('stall'),
    direction,
    afterBytes: bytes,
    forMs: z.number().min(0).nullable().optional(),
  }),
  z.strictObject({ kind: z.literal('slow'), direction, bytesPerSecond: z.number().positive() }),
  /** `bytes` (1) bytes from `offset` on are changed; a random offset when absent. The length stays. */
  z.strictObject({
    kind: z.literal('corrupt'),
    direction,
    offset: bytes.optional(),
    bytes: z.int().min(1).optional(),
  }),
  /** A shorter body with a Content-Length that fits it: keeps `keepBytes`, or drops `dropBytes` (1) at the end. */
  z.strictObject({
    kind: z.literal('truncate'),
    keepBytes: bytes.optional(),
    dropBytes: z.int().min(1).optional(),
  }),
  /** A JSON reply whose body is: its first half; random bytes; UTF-16; an HTML page; nothing; valid JSON of
   * another shape (`null`). The status stays. */
  z.strictObject({
    kind: z.literal('broken-json'),
    how: z.enum(['cut', 'garbage', 'utf16', 'html', 'empty', 'shape']),
  }),
  /** A reply with Content-Range names other bytes than it carries: shifted (1), or this very value. */
  z.strictObject({
    kind: z.literal('content-range'),
    shiftBytes: z.int().optional(),
    value: z.string().optional(),
  }),
  z.strictObject({
    kind: z.literal('headers'),
    set: headers.optional(),
    remove: z.array(z.string()).optional(),
  }),
]);
export type Fault = z.infer<typeof faultSchema>;
export type FaultKind = Fault['kind'];

/** A fault and the exchanges it befalls. */
export const faultRuleSchema = matchSchema.extend({
  id: z.string().min(1).optional(),
  fault: faultSchema,
  /** How often it happens; unbounded when absent. */
  count: z.int().min(1).optional(),
  /** Chance for each exchange that fits, 0 to 1; certain when absent. */
  probability: z.number().min(0).max(1).optional(),
  /** The first so many exchanges that fit pass unharmed. */
  skip: z.int().min(0).optional(),
});
export type FaultRule = z.infer<typeof faultRuleSchema>;

/** Exchanges to hold at one stage. */
export const gateRuleSchema = matchSchema.extend({
  id: z.string().min(1).optional(),
  stage: stageSchema,
  /** How many are held in all (1); `null` for every one until the gate is opened. */
  count: z.int().min(1).nullable().optional(),
  skip: z.int().min(0).optional(),
});
export type GateRule = z.infer<typeof gateRuleSchema>;

/** A network that is down. */
export const cutOptionsSchema = z.strictObject({
  /** Roles that cannot be reached; all when absent. */
  roles: z.array(z.string()).optional(),
  /** What new connections meet: accepted and reset (default); refused by the kernel, since nothing listens;
   * or accepted and never answered until `restore`. Who refuses gives up its port, and while the server does not
   * listen its `close` reports ERR_SERVER_NOT_RUNNING. */
  fresh: z.enum(['reset', 'refuse', 'black-hole']).optional(),
  /** What becomes of connections that exist: `rst` (default), `fin`, or `freeze`: no byte moves until `restore`. */
  existing: z.enum(['rst', 'fin', 'freeze']).optional(),
});
export type CutOptions = z.infer<typeof cutOptionsSchema>;

function isRegularExpression(source: string): boolean {
  try {
    new RegExp(source, 'u');
    return true;
  } catch {
    return false;
  }
}

function isHeader(name: string, value: string): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}

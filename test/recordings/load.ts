import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/*
 * Recordings of real traffic with Yandex Disk. data/ORIGIN.md says where they come from, what was replaced in them and
 * what they cannot prove.
 */

const textsSchema = z.record(z.string(), z.string());
const jsonSchema = z.strictObject({ json: z.unknown() });
const bytesSchema = z.strictObject({ length: z.int(), sha256: z.string(), text: z.string().optional() });
const formSchema = z.strictObject({ form: textsSchema });

const exchangeSchema = z.strictObject({
  request: z.strictObject({
    method: z.string(),
    url: z.string(),
    /** Parameters of the address, decoded. */
    query: textsSchema.optional(),
    headers: textsSchema,
    body: z.union([jsonSchema, formSchema, bytesSchema]).nullable(),
  }),
  response: z.strictObject({
    status: z.int(),
    headers: textsSchema,
    body: z.union([jsonSchema, bytesSchema]).nullable(),
  }),
  /** So many equal exchanges in a row; one where it is absent. */
  repeated: z.int().optional(),
});

/** One request and its reply, in the order on the wire. Header names are in lower case. */
export type RecordedExchange = z.output<typeof exchangeSchema>;
export type RecordedRequest = RecordedExchange['request'];
export type RecordedResponse = RecordedExchange['response'];

/** A body that is neither JSON nor a form: its length and hash, and its text where it is short. */
export type RecordedBytes = z.output<typeof bytesSchema>;

/** What one test of the recorder's project sent and got. */
export interface Recording {
  /** `listdir_with_limits` */
  readonly name: string;
  /** The file that it was made from, in that project. */
  readonly source: string;
  readonly exchanges: readonly RecordedExchange[];
}

const folder = new URL('data/', import.meta.url);

/** Reads one recording. @throws when there is none of that name, or its file is damaged. */
export function loadRecording(name: string): Recording {
  const lines = readFileSync(new URL(`${name}.jsonl`, folder), 'utf8')
    .trimEnd()
    .split('\n');
  const [first, ...rest] = lines.map((line): unknown => JSON.parse(line));
  const { source } = z.strictObject({ source: z.string() }).parse(first);
  return { name, source, exchanges: rest.map((line) => exchangeSchema.parse(line)) };
}

/** All recordings, by name. */
export function loadRecordings(): Recording[] {
  const names = readdirSync(fileURLToPath(folder)).filter((name) => name.endsWith('.jsonl'));
  return names.sort().map((name) => loadRecording(name.slice(0, -'.jsonl'.length)));
}

/** What the recorder uploaded where only length and hash are known: so many zeroes, the digit. */
const zero = '0';

/** The bytes of a recorded body. @throws when they cannot be made again. */
export function recordedBytes({ length, sha256, text }: RecordedBytes): Buffer {
  const bytes = Buffer.from(text ?? zero.repeat(length));
  const found = createHash('sha256').update(bytes).digest('hex');
  if (bytes.length !== length || found !== sha256) throw new Error(`unknown bytes ${sha256}`);
  return bytes;
}

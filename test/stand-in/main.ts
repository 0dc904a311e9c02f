/**
 * The stand-in as a program, for clients in other processes and other languages:
 *
 *   npx tsx test/stand-in/main.ts [--port N] [--control-port N] [--tls-cert FILE --tls-key FILE] [--yandex-names]
 *     [--settings JSON] [--wire JSON] [--seed FILE] [--token TEXT] [--random TEXT]
 *
 * Prints one line of JSON with its addresses when it answers, and ends at SIGINT or SIGTERM.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { yandexNames } from './http/hosts.ts';
import { startStandIn } from './index.ts';
import { plantSeedFile, seedSettings } from './seed.ts';
import { settingsPatchSchema } from './wire/index.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    'control-port': { type: 'string', default: '0' },
    'tls-cert': { type: 'string' },
    'tls-key': { type: 'string' },
    'yandex-names': { type: 'boolean', default: false },
    settings: { type: 'string', default: '{}' },
    wire: { type: 'string', default: '{}' },
    seed: { type: 'string' },
    token: { type: 'string', default: 'stand-in-token' },
    random: { type: 'string', default: 'stand-in' },
  },
});

const jsonObject = z.record(z.string(), z.unknown());
const { 'tls-cert': cert, 'tls-key': key, seed } = values;
const tls =
  cert !== undefined && key !== undefined ? { cert: readFileSync(cert), key: readFileSync(key) } : null;
const standIn = await startStandIn({
  port: z.coerce.number().parse(values.port),
  controlPort: z.coerce.number().parse(values['control-port']),
  ...(tls && { tls }),
  ...(values['yandex-names'] && { names: yandexNames }),
  settings: {
    ...(seed === undefined ? {} : seedSettings(seed)),
    ...jsonObject.parse(JSON.parse(values.settings)),
  },
  wire: settingsPatchSchema.parse(JSON.parse(values.wire)),
  token: values.token,
  seed: values.random,
});
if (seed !== undefined) plantSeedFile(standIn.model, seed);

const { apiUrl, oauthUrl, controlUrl, token } = standIn;
process.stdout.write(`${JSON.stringify({ apiUrl, oauthUrl, controlUrl, token, pid: process.pid })}\n`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void standIn.close().then(() => process.exit(0));
  });
}

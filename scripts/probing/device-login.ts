import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { type Bench, type Reply, Unexpected } from './bench.ts';

/** The application in whose name a login is tried. */
export interface OAuthClient {
  readonly id: string;
  readonly secret: string;
}

export interface DeviceCode {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly verificationUrl: string;
  readonly intervalMs: number;
  readonly lifeMs: number;
}

const codeShape = z.object({
  device_code: z.string(),
  user_code: z.string(),
  verification_url: z.string(),
  interval: z.number(),
  expires_in: z.number(),
});

/** Asks for a code, as a device that nobody has seen before: the tokens of other devices are not touched. @throws Unexpected */
export async function deviceCodeRequest(bench: Bench, { id }: OAuthClient): Promise<DeviceCode> {
  const form = { client_id: id, device_id: randomBytes(16).toString('hex'), device_name: 'yadiskfs probe' };
  const reply = await bench.oauth('/device/code', 'a new code', form);
  const code = codeShape.safeParse(reply.json);
  if (reply.status !== 200 || !code.success) throw new Unexpected('asking for a code', reply);
  return {
    deviceCode: code.data.device_code,
    userCode: code.data.user_code,
    verificationUrl: code.data.verification_url,
    intervalMs: code.data.interval * 1000,
    lifeMs: code.data.expires_in * 1000,
  };
}

export function pollDevice(bench: Bench, { id, secret }: OAuthClient, deviceCode: string): Promise<Reply> {
  const form = { grant_type: 'device_code', code: deviceCode, client_id: id, client_secret: secret };
  return bench.oauth('/token', 'has the person answered?', form);
}

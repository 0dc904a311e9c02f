import { Failure } from '../errors.ts';

const durationUnits: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3600_000,
  d: 86_400_000,
};
const sizeUnits: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  K: 1024,
  M: 1024 ** 2,
  G: 1024 ** 3,
  T: 1024 ** 4,
};

/** `10s`, `5m`, `500ms`, `1h30m`; a bare number counts seconds. In milliseconds. @throws Failure 'invalid' */
export function parseDuration(text: string, option: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) {
    throw new Failure('invalid', `${option} must be a time such as 10s, 5m or 1h, not "${text}"`);
  }
  return parts.reduce(
    (sumMs, [, count, unit]) => sumMs + Number(count) * (durationUnits[unit ?? ''] ?? 0),
    0,
  );
}

const lastMomentMs = Date.UTC(10_000, 0, 1);

/**
 * `2026-12-31` (its end), `2026-12-31T18:00` (of this machine's time zone unless it says another), or a time from now such as `7d`. In milliseconds
 * since 1970. @throws Failure 'invalid'
 */
export function parseMoment(text: string, option: string, nowMs = Date.now()): number {
  const ms = momentMs(text, option, nowMs);
  // What is beyond the year 9999 has no date that anybody writes.
  if (ms < lastMomentMs) return ms;
  throw new Failure(
    'invalid',
    `${option} must be a day such as 2026-12-31 or a time such as 7d, not "${text}"`,
  );
}

/** NaN for what is neither a span nor a date; a day is over at its end. */
function momentMs(text: string, option: string, nowMs: number): number {
  if (/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return nowMs + parseDuration(text, option);
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return Date.parse(`${text}T23:59:59`);
  return /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
}

/** `10G`, `512M`, `1.5T`, also with `iB` or `B` behind; powers of 1024. In bytes. @throws Failure 'invalid' */
export function parseSize(text: string, option: string): number {
  const match = /^(\d+(?:\.\d+)?)([KMGT]?)(?:i?B)?$/i.exec(text.trim());
  if (!match) throw new Failure('invalid', `${option} must be a size such as 512M or 10G, not "${text}"`);
  const sizeBytes = Number(match[1]) * (sizeUnits[(match[2] ?? '').toUpperCase()] ?? 1);
  // Of some sizes 0 means that there is no limit at all: what is nearly nothing must not.
  if (sizeBytes > 0 && sizeBytes < 1)
    throw new Failure('invalid', `${option} is less than a byte: "${text}"`);
  return Math.floor(sizeBytes);
}

/** @throws Failure 'invalid' for anything but a whole number that is not negative. */
export function parseCount(text: string, option: string): number {
  if (!/^\d{1,10}$/.test(text))
    throw new Failure('invalid', `${option} must be a whole number, not "${text}"`);
  return Number(text);
}

/** A mask in octal, as umask(1) takes it. @throws Failure 'invalid' */
export function parseMask(text: string, option: string): number {
  if (!/^[0-7]{1,4}$/.test(text))
    throw new Failure('invalid', `${option} must be an octal mask such as 022, not "${text}"`);
  return Number.parseInt(text, 8) & 0o777;
}

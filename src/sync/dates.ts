import type { Base } from '../tree/local-node.ts';
import { parseTimestamp, type Timestamp } from '../tree/times.ts';

/** Where rclone keeps a file's date; so do we. */
const dateProperty = 'rclone_modified';

const firstSec = Date.parse('0001-01-01T00:00:00Z') / 1000;
const lastSec = Date.parse('9999-12-31T23:59:59Z') / 1000;

/** RFC 3339 in UTC with nanoseconds, and no zeros at the end; what has no such form becomes the nearest that has. */
function formatTimestamp({ sec, nsec }: Timestamp): string {
  const whole = Math.min(lastSec, Math.max(firstSec, sec));
  const seconds = new Date(whole * 1000).toISOString().slice(0, 19);
  const fraction = String(nsec).padStart(9, '0').replace(/0+$/, '');
  return `${seconds}${fraction && `.${fraction}`}Z`;
}

/** The date as it can be kept on the Disk. */
export function storable(date: Timestamp): Timestamp {
  return parseTimestamp(formatTimestamp(date)) ?? date;
}

export type Properties = Readonly<Record<string, string | number>>;

/** Properties that others have set; JSON as a base keeps it. */
export function othersProperties(properties: string | undefined): string | undefined {
  const others = Object.entries(parsed(properties)).filter(([name]) => name !== dateProperty);
  return others.length === 0 ? undefined : JSON.stringify(Object.fromEntries(others));
}

/** Whether a date of ours, or of rclone's, is among them. */
export function hasDate(properties: string | undefined): boolean {
  return dateProperty in parsed(properties);
}

/** All that is to be set: the date, and what others had set, which a replacement may have lost. */
export function propertiesOf({ properties }: Pick<Base, 'properties'>, date: Timestamp): Properties {
  return { ...parsed(othersProperties(properties)), [dateProperty]: formatTimestamp(date) };
}

/**
 * What sets back a date that was put on something that is not ours.
 * @param before its properties as a listing has shown them; those with our date are of after it was put there
 * @param ours what was put there
 */
export function dateSetBack(before: string | undefined, ours: Properties) {
  const date = parsed(before)[dateProperty];
  return { [dateProperty]: date === undefined || date === ours[dateProperty] ? null : date };
}

/** Whether all properties of others are there. */
export function holdsOthers(shown: string | undefined, expected: string | undefined): boolean {
  const there = parsed(shown);
  return Object.keys(parsed(othersProperties(expected))).every((name) => name in there);
}

function parsed(properties: string | undefined): Properties {
  return properties === undefined ? {} : (JSON.parse(properties) as Properties);
}

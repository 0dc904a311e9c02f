import type { Base } from '../tree/local-node.ts';
import { dateProperty, markOf, markProperty } from '../tree/mark.ts';
import { storable, type Timestamp } from '../tree/times.ts';
import type { Traits } from '../tree/traits.ts';

/** RFC 3339 in UTC with nanoseconds, and no zeros at the end. */
function formatTimestamp(date: Timestamp): string {
  const { sec, nsec } = storable(date);
  const seconds = new Date(sec * 1000).toISOString().slice(0, 19);
  const fraction = String(nsec).padStart(9, '0').replace(/0+$/, '');
  return `${seconds}${fraction && `.${fraction}`}Z`;
}

type Properties = Readonly<Record<string, string | number>>;
/** Null takes one away. */
export type PropertyChanges = Readonly<Record<string, string | number | null>>;

/** All but the date, in JSON as a base keeps it: what others have set, and a mark of ours, which may still be there and is to go then. */
export function undatedProperties(properties: string | undefined): string | undefined {
  return without(properties, [dateProperty]);
}

/** With the mark that is shown, whatever it says: so that it is taken away where there is to be none. */
export function withShownMark(properties: string | undefined, shown: string | undefined): string | undefined {
  const mark = parsed(shown)[markProperty];
  return mark === undefined ? properties : JSON.stringify({ ...parsed(properties), [markProperty]: mark });
}

/** Whether a date of ours, or of rclone's, is among them. */
export function hasDate(properties: string | undefined): boolean {
  return dateProperty in parsed(properties);
}

/**
 * All that is to be set: date and traits, and what others had set, which a replacement may have lost.
 * @param traits undefined: as they are there
 */
export function propertiesOf(
  { properties, content }: Pick<Base, 'properties' | 'content'>,
  date: Timestamp,
  traits: Traits | undefined,
): PropertyChanges {
  const there = { ...parsed(properties), [dateProperty]: formatTimestamp(date) };
  if (!traits) return there;
  const mark = markOf(traits, content);
  // Nothing is said of one that neither is there nor is to be.
  return mark !== undefined || markProperty in there ? { ...there, [markProperty]: mark ?? null } : there;
}

/** What is there when they are set; JSON as a base keeps it. */
export function propertiesAfter(changes: PropertyChanges): string {
  return JSON.stringify(Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== null)));
}

/**
 * What sets back a date, and a mark, that were put on something that is not ours.
 * @param before its properties as a listing has shown them; those with our date are of after it was put there
 * @param ours what was put there
 */
export function setBackOf(before: string | undefined, ours: PropertyChanges): PropertyChanges {
  const theirs = parsed(before);
  const names = [dateProperty, markProperty].filter((name) => name in ours);
  return Object.fromEntries(
    names.map((name) => [name, theirs[name] === ours[name] ? null : (theirs[name] ?? null)]),
  );
}

/** Whether all properties of others are there. */
export function holdsOthers(shown: string | undefined, expected: string | undefined): boolean {
  const there = parsed(shown);
  return Object.keys(parsed(without(expected, [dateProperty, markProperty]))).every((name) => name in there);
}

function without(properties: string | undefined, names: readonly string[]): string | undefined {
  const others = Object.entries(parsed(properties)).filter(([name]) => !names.includes(name));
  return others.length === 0 ? undefined : JSON.stringify(Object.fromEntries(others));
}

function parsed(properties: string | undefined): Properties {
  return properties === undefined ? {} : (JSON.parse(properties) as Properties);
}

import type { Reply } from './exchange.ts';

type Headers = Reply['headers'];

/** A header's value, however its name is written. */
export function headerOf(headers: Headers, name: string): string | number | undefined {
  const wanted = name.toLowerCase();
  return Object.entries(headers).find(([other]) => other.toLowerCase() === wanted)?.[1];
}

/** The headers with one of them replaced, added or, for null, removed. */
export function withHeader(headers: Headers, name: string, value: string | number | null): Headers {
  const wanted = name.toLowerCase();
  const others = Object.entries(headers).filter(([other]) => other.toLowerCase() !== wanted);
  return Object.fromEntries(value === null ? others : [...others, [name, value]]);
}

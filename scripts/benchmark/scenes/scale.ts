/** The least time in which so many requests can be answered, 40 in any second and 50 ms each. */
export function fewestSecondsAt40(requests: number): number {
  return Math.floor((requests - 1) / 40) + 0.05;
}

/** A number of a scene at another scale, at least one. */
export function scaled(number: number, scale: number): number {
  return Math.max(1, Math.round(number * scale));
}

/** A number of a scene at another scale, at least one. */
export function scaled(number: number, scale: number): number {
  return Math.max(1, Math.round(number * scale));
}

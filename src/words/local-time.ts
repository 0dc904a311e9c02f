/** `2026-11-26 13:08:00`: local time, to the second, in the same form in every language, for columns. */
export function dateText(iso: string): string {
  const date = new Date(iso);
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19).replace('T', ' ');
}

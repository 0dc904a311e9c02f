/** Whether a text can stand in an HTTP header. What cannot must not get as far as one: the error there would quote it. */
export function isHeaderSafe(text: string): boolean {
  return /^[\x21-\x7e]{1,4096}$/.test(text);
}

/** Text from elsewhere, fit to be shown: no control characters (a terminal would obey them), no secrets, not endless. */
export function shownText(text: string, secrets: readonly string[] = [], longest = 200): string {
  let shown = text;
  for (const secret of secrets) if (secret !== '') shown = shown.replaceAll(secret, '…');
  shown = shown.replace(/[\s\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return shown.length > longest ? `${shown.slice(0, longest)}…` : shown;
}

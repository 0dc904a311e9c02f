const longestCharacters = 10_000;

/** The first line of what is piped in; undefined when a person sits at the other end. */
export async function firstLineOfInput(): Promise<string | undefined> {
  if (process.stdin.isTTY) return undefined;
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += String(chunk);
    if (text.includes('\n') || text.length > longestCharacters) break;
  }
  return (text.split('\n')[0] ?? '').trim();
}

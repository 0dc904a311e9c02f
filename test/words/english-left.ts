/** What is the same in every language: names of programs and commands with what follows them, options, addresses, names in quotes. */
const same = [
  /https?:\/\/\S+/g,
  /`[^`]*`/g,
  /'[^']*'/g,
  /«[^»]*»/g,
  /"[^"]*"/g,
  /<[^>]*>|\[[^\]]*\]/g,
  /\b(?:yadiskfs|sudo|systemctl|loginctl|dnf|mkdir|fuser|printf)(?: -*[\w.:/|$%'"{}-]+)*/g,
  /--?[\w-]+(?:=\S*)?/g,
  /\b(?:disk|trash|cloud_api):\S+/g,
  /\b(?:Client secret|Redirect URI|ls, get|stats, clear|list, restore, remove|list, retry, export)\b/g,
];

/** The first three words of English that stand one behind the other where everything should be Russian; empty where none do. */
export function englishLeft(text: string): string {
  const rest = same.reduce((left, pattern) => left.replaceAll(pattern, '§'), text);
  return /[A-Za-z]{2,},? [a-z]{2,},? [a-z]{2,}/.exec(rest)?.[0] ?? '';
}

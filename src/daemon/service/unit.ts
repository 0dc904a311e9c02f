/** The template of the unit; an instance is named after the folder that it mounts on. */
export const unitName = 'yadiskfs@.service';

/** As systemd-escape(1) with `--path` does it: `/home/a b` is `home-a\x20b`. */
export function escapedPath(path: string): string {
  const inner = path.split('/').filter((name) => name !== '');
  if (inner.length === 0) return '-';
  const bytes = Buffer.from(inner.join('/'));
  let text = '';
  for (const [index, byte] of bytes.entries()) {
    const character = String.fromCharCode(byte);
    if (character === '/') text += '-';
    else if (/[A-Za-z0-9:_.]/.test(character) && !(index === 0 && character === '.')) text += character;
    else text += `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return text;
}

export function instanceName(mountpoint: string): string {
  return unitName.replace('@', `@${escapedPath(mountpoint)}`);
}

/** A mount is ready when it answers. What a killed one left behind is taken away by the next itself; without a network it mounts what is known. */
export function unitText(command: readonly string[]): string {
  return `[Unit]
Description=Yandex Disk at %f
After=network-online.target

[Service]
Type=notify
NotifyAccess=all
ExecStart=${commandLine(command)} mount %f
Restart=on-failure
RestartSec=5
# Wrong options and a login that is missing do not mend themselves.
RestartPreventExitStatus=2 3
TimeoutStopSec=30
KillMode=mixed

[Install]
WantedBy=default.target
`;
}

/** What one mount has of its own: options, and where our folders and services are. */
export function dropInText(
  command: readonly string[],
  options: readonly string[],
  settings: Readonly<Record<string, string>>,
): string {
  const lines = Object.entries(settings).map(([name, value]) => `Environment=${quoted(`${name}=${value}`)}`);
  const exec =
    options.length === 0
      ? []
      : ['ExecStart=', `ExecStart=${commandLine(command)} mount %f ${commandLine(options)}`];
  return ['[Service]', ...lines, ...exec, ''].join('\n');
}

function commandLine(words: readonly string[]): string {
  // A `$` begins a variable there, and in settings it does not.
  return words.map((word) => quoted(word).replaceAll('$', '$$$$')).join(' ');
}

/** One word, whatever is in it: systemd.syntax(7), and specifiers of systemd.unit(5). */
function quoted(word: string): string {
  return `"${word.replaceAll('%', '%%').replaceAll(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}

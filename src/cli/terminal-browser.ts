import { spawn } from 'node:child_process';

/** What a browser has no business to know. */
const secrets = ['YADISKFS_TOKEN', 'YADISKFS_CLIENT_SECRET'];

/** Opens a web page on the user's desktop. @returns whether there is one; whether a page opened nobody tells us. */
export function openBrowser(url: string, environment: NodeJS.ProcessEnv): boolean {
  if (!environment['DISPLAY'] && !environment['WAYLAND_DISPLAY']) return false;
  const env = Object.fromEntries(Object.entries(environment).filter(([name]) => !secrets.includes(name)));
  const child = spawn('xdg-open', [url], { detached: true, stdio: 'ignore', env });
  child.on('error', () => {});
  child.unref();
  return true;
}

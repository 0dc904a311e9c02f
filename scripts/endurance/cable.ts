import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Namespace } from '../../test/rclone/namespace.ts';
import { run } from '../../test/rclone/programs.ts';

/** In what way nothing gets through. */
export type Break =
  /** The interface of this end is down: whoever connects is told at once that there is no network. */
  | 'link-down'
  /** Packets are swallowed, both ways: nobody is told anything. */
  | 'black-hole'
  /** Packets of the other end are swallowed: requests arrive and take effect, and nobody hears of it. */
  | 'deaf';

const [thereAddress, hereAddress] = ['10.99.0.1', '10.99.0.2'];
const [thereLink, hereLink] = ['there0', 'here0'];
/** Lives as long as its stdin. Says its number. */
const holder = 'mount --bind "$1" /etc/hosts && ip link set lo up && echo $$ && exec cat';
const swallow = ['root', 'pfifo', 'limit', '0'];

/** Where a stand-in is to listen so that the other end of the cable reaches it. */
export const anyAddress = '0.0.0.0';

/** A second network namespace, with a cable to the one of a Disk, in which its host names lead through that cable. */
export class Cable {
  /** What starts a program at this end. */
  readonly prefix: readonly string[];
  readonly #there: Namespace;
  readonly #holder: ChildProcess;

  private constructor(there: Namespace, holder: ChildProcess, pid: string) {
    this.#there = there;
    this.#holder = holder;
    this.prefix = ['nsenter', '--target', pid, '--mount', '--net', '--'];
  }

  /** @param folder for its files. @throws Error with the words of what failed */
  static async lay(there: Namespace, folder: string, hosts: readonly string[]): Promise<Cable> {
    const hostsFile = join(folder, 'hosts-beyond');
    await writeFile(
      hostsFile,
      `127.0.0.1 localhost\n${hosts.map((name) => `${thereAddress} ${name}\n`).join('')}`,
    );
    const own = ['--mount', '--net', '--propagation', 'private'];
    const child = spawn('unshare', [...own, 'sh', '-ec', holder, 'sh', hostsFile], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const [said] = await once(child.stdout, 'data', { signal: AbortSignal.timeout(10_000) });
    const pid = String(said).trim();
    const cable = new Cable(there, child, pid);
    await cable.#atTheOtherEnd('ip', 'link', 'add', thereLink, 'type', 'veth', 'peer', 'name', hereLink);
    await cable.#atTheOtherEnd('ip', 'link', 'set', hereLink, 'netns', pid);
    await cable.#atTheOtherEnd('ip', 'address', 'add', `${thereAddress}/24`, 'dev', thereLink);
    await cable.#atTheOtherEnd('ip', 'link', 'set', thereLink, 'up');
    await cable.#here('ip', 'address', 'add', `${hereAddress}/24`, 'dev', hereLink);
    await cable.#here('ip', 'link', 'set', hereLink, 'up');
    return cable;
  }

  async break(how: Break): Promise<void> {
    if (how === 'link-down') return this.#here('ip', 'link', 'set', hereLink, 'down');
    await this.#atTheOtherEnd('tc', 'qdisc', 'replace', 'dev', thereLink, ...swallow);
    if (how === 'black-hole') await this.#here('tc', 'qdisc', 'replace', 'dev', hereLink, ...swallow);
  }

  async mend(how: Break): Promise<void> {
    if (how === 'link-down') return this.#here('ip', 'link', 'set', hereLink, 'up');
    if (how === 'black-hole') await this.#here('tc', 'qdisc', 'del', 'dev', hereLink, 'root');
    await this.#atTheOtherEnd('tc', 'qdisc', 'del', 'dev', thereLink, 'root');
  }

  async close(): Promise<void> {
    const ended = once(this.#holder, 'close');
    this.#holder.stdin?.end();
    await ended;
  }

  async #here(...command: readonly [string, ...string[]]): Promise<void> {
    const [program = '', ...args] = [...this.prefix, ...command];
    const { code, stderr } = await run([program, ...args]);
    if (code !== 0) throw new Error(`${command.join(' ')}: ${stderr}`);
  }

  async #atTheOtherEnd(...command: readonly [string, ...string[]]): Promise<void> {
    const { code, stderr } = await this.#there.run(command);
    if (code !== 0) throw new Error(`${command.join(' ')}: ${stderr}`);
  }
}

import { execFile } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { promisify } from 'node:util';

/** Where and when was measured. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly kernel: string;
  readonly node: string;
  /** Undefined when it took no part. */
  readonly rclone: string | undefined;
  readonly startedAt: string;
  /** One, five and fifteen minutes before the start. */
  readonly load: readonly number[];
}

export async function describeMachine(withRclone: boolean): Promise<Machine> {
  const rclone = withRclone
    ? (await promisify(execFile)('rclone', ['version'])).stdout.split('\n')[0]?.trim()
    : undefined;
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    kernel: release(),
    node: process.version,
    rclone,
    startedAt: new Date().toISOString(),
    load: loadavg(),
  };
}

export function machineWords(machine: Machine): string {
  const { processor, cores, memoryBytes, kernel, node, rclone, startedAt, load } = machine;
  const programs = [`Linux ${kernel}`, `Node ${node}`, ...(rclone ? [rclone] : [])].join(', ');
  const loads = load.map((one) => one.toFixed(1)).join(' ');
  return (
    `${processor}, ${cores} cores, ${(memoryBytes / 2 ** 30).toFixed(0)} GiB; ${programs}; ` +
    `${startedAt.slice(0, 16).replace('T', ' ')} UTC, load average ${loads}`
  );
}

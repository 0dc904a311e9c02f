import { RequestWatch } from '../../disk-api/request-watch.ts';
import type { Operations } from '../../fuse/binding/operations.ts';
import { type AnsweredOperation, watchedOperations } from '../../fuse/watched-operations.ts';
import type { Log } from '../log.ts';
import { exposition } from './exposition.ts';
import { MetricsServer } from './metrics-server.ts';
import { type MeasuredParts, MountMetrics } from './mount-metrics.ts';

interface ObservationOptions {
  /** Undefined: nobody asked for metrics. */
  readonly metricsPort: number | undefined;
  readonly apiUrl: URL;
  readonly oauthUrl: URL;
  /** At its level `trace` each operation and each request is told. */
  readonly log: Log;
}

/**
 * What a mount shows of its work to whoever asked for it: numbers on a port of this machine, and a line of the log for each operation and
 * request. Who asked for neither pays for neither: nothing is wrapped and nobody listens then.
 */
export class Observation {
  readonly #log: Log;
  readonly #traces: boolean;
  readonly #metrics: MountMetrics | undefined;
  readonly #requests: RequestWatch | undefined;
  #server: MetricsServer | undefined;
  #parts: MeasuredParts | undefined;

  private constructor({ metricsPort, apiUrl, oauthUrl, log }: ObservationOptions) {
    this.#log = log;
    this.#traces = log.isLevelEnabled('trace');
    this.#metrics = metricsPort === undefined ? undefined : new MountMetrics();
    if (!this.#metrics && !this.#traces) return;
    this.#requests = new RequestWatch({ apiUrl, oauthUrl }, (answered) => {
      this.#metrics?.onRequest(answered);
      if (this.#traces) log.trace({ ...answered, tookMs: rounded(answered.tookMs) }, 'request');
    });
  }

  /** @throws Failure 'local' when the port cannot be had */
  static async begin(options: ObservationOptions): Promise<Observation> {
    const observation = new Observation(options);
    const { metricsPort, log } = options;
    if (metricsPort === undefined) return observation;
    try {
      observation.#server = await MetricsServer.listen(metricsPort, () => observation.#text());
    } catch (error) {
      observation.close();
      throw error;
    }
    log.info({ url: observation.#server.url }, 'metrics');
    return observation;
  }

  /** The operations as they are to be mounted. */
  operations(operations: Operations): Operations {
    const metrics = this.#metrics;
    if (!metrics && !this.#traces) return operations;
    return watchedOperations(operations, {
      onBegun: () => metrics?.onBegun(),
      onAnswered: (answered) => {
        metrics?.onOperation(answered);
        if (this.#traces) this.#trace(answered);
      },
    });
  }

  /** From now on metrics can be had. */
  show(parts: MeasuredParts): void {
    this.#parts = parts;
  }

  close(): void {
    this.#requests?.close();
    this.#server?.close();
  }

  #text(): string | undefined {
    const requests = this.#requests;
    if (!this.#parts || !this.#metrics || !requests) return undefined;
    return exposition(this.#metrics.metrics(this.#parts, (host) => requests.carried(host)));
  }

  #trace({ operation, args: [path, ...rest], result, tookMs }: AnsweredOperation): void {
    const line = { operation, path, args: rest.map(withoutBytes), result, tookMs: rounded(tookMs) };
    this.#log.trace(line, 'operation');
  }
}

/** What is in files and attributes is nobody's business. */
function withoutBytes(value: unknown): unknown {
  return value instanceof Uint8Array ? { bytes: value.length } : value;
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

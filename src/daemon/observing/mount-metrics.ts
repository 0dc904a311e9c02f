import { constants } from 'node:os';
import type { BlockCache } from '../../content/block-cache.ts';
import type { BlockStore } from '../../content/block-store.ts';
import type { Api } from '../../disk-api/api.ts';
import {
  type AnsweredRequest,
  type CarriedBytes,
  type HostKind,
  hostKinds,
} from '../../disk-api/request-watch.ts';
import type { AnsweredOperation } from '../../fuse/watched-operations.ts';
import type { Queue } from '../../sync/queue.ts';
import type { SendQueue } from '../../sync/queue-report.ts';
import type { Freshness } from '../../tree/freshness.ts';
import { programVersion } from '../version.ts';
import { LabelledCounts, LabelledHistograms, type Metric, type Sample } from './exposition.ts';

/** The parts of a drive that know how it stands. */
export interface MeasuredParts {
  readonly api: Pick<Api, 'reach'>;
  readonly queue: Pick<SendQueue, 'report'>;
  /** Undefined for a mount for reading only. */
  readonly sending: Pick<Queue, 'isPaused'> | undefined;
  readonly freshness: Pick<Freshness, 'revisionReadAtMs'>;
  readonly blocks: Pick<BlockCache, 'counts'>;
  readonly store: Pick<BlockStore, 'usedBytes'>;
  readonly cacheLimitBytes: number;
}

const errnoNames = new Map(Object.entries(constants.errno).map(([name, number]) => [-number, name]));
const reaches = ['online', 'offline', 'login-needed'] as const;

/**
 * What happened in a mount so far, and how it stands, in numbers. Labels are words of ours: names of operations, routes, statuses and errnos, never one of
 * the Disk's. So there are few of them, and whoever may read them learns nothing of what is on it.
 */
export class MountMetrics {
  readonly #operations = new LabelledCounts();
  readonly #operationTimes = new LabelledHistograms();
  readonly #requests = new LabelledCounts();
  readonly #requestTimes = new LabelledHistograms();
  #underWay = 0;
  #readBytes = 0;
  #writtenBytes = 0;

  onBegun(): void {
    this.#underWay++;
  }

  onOperation({ operation, result, tookMs }: AnsweredOperation): void {
    this.#underWay--;
    this.#operations.add({ operation, result: resultName(result) });
    this.#operationTimes.add({ operation }, tookMs);
    if (operation === 'read' && result > 0) this.#readBytes += result;
    if (operation === 'write' && result > 0) this.#writtenBytes += result;
  }

  onRequest({ host, method, route, status, tookMs }: AnsweredRequest): void {
    this.#requests.add({ host, method, route, status: status === undefined ? 'none' : String(status) });
    this.#requestTimes.add({ host, method, route }, tookMs);
  }

  /** As it is now. */
  metrics(parts: MeasuredParts, carried: (host: HostKind) => CarriedBytes): Metric[] {
    return [...this.#happened(carried), ...standing(parts), ...processMetrics()];
  }

  #happened(carried: (host: HostKind) => CarriedBytes): Metric[] {
    return [
      counter(
        'yadiskfs_fuse_operations_total',
        'Requests of the kernel that were answered, by errno.',
        this.#operations.samples,
      ),
      {
        ...{ name: 'yadiskfs_fuse_operation_seconds', type: 'histogram' },
        ...{ help: 'How long they took.', histograms: this.#operationTimes.all },
      },
      gauge('yadiskfs_fuse_operations_under_way', 'Requests of the kernel not answered yet.', this.#underWay),
      counter('yadiskfs_fuse_read_bytes_total', 'Bytes given to programs.', this.#readBytes),
      counter('yadiskfs_fuse_written_bytes_total', 'Bytes taken from programs.', this.#writtenBytes),
      counter(
        'yadiskfs_requests_total',
        'Requests to the hosts, by the status of the answer; none: there was no answer.',
        this.#requests.samples,
      ),
      {
        ...{ name: 'yadiskfs_request_seconds', type: 'histogram' },
        ...{ help: 'How long it took until the answer began.', histograms: this.#requestTimes.all },
      },
      counter(
        'yadiskfs_network_bytes_total',
        'What connections to the hosts carried: heads and bodies.',
        hostKinds.flatMap((host) => {
          const { sent, received } = carried(host);
          return [
            { labels: { host, direction: 'sent' }, value: sent },
            { labels: { host, direction: 'received' }, value: received },
          ];
        }),
      ),
    ];
  }
}

function standing(parts: MeasuredParts): Metric[] {
  const { api, queue, sending, freshness, blocks, store, cacheLimitBytes } = parts;
  const { uploads, uploadBytes, operations, unconfirmed, active, unsent, conflicts } = queue.report();
  const activeBytes = active.reduce((sum, { sentBytes }) => sum + sentBytes, 0);
  return [
    gauge('yadiskfs_queue_uploads', 'Files whose bytes are to go up, those under way too.', uploads),
    gauge('yadiskfs_queue_upload_bytes', 'Bytes of these files.', uploadBytes),
    gauge('yadiskfs_queue_active_uploads', 'Those under way.', active.length),
    gauge('yadiskfs_queue_active_sent_bytes', 'What of those under way has been sent.', activeBytes),
    gauge('yadiskfs_queue_operations', 'All else that is due: folders, moves, deletes, dates.', operations),
    gauge('yadiskfs_queue_unconfirmed', 'Sent, and not seen in a listing yet.', unconfirmed),
    gauge('yadiskfs_unsent', 'What could not be sent, and waits for somebody.', unsent.length),
    gauge('yadiskfs_conflicts', 'Files saved beside what others had put there.', conflicts.length),
    gauge('yadiskfs_paused', '1 while nothing is sent because somebody said so.', sending?.isPaused ? 1 : 0),
    gauge(
      'yadiskfs_reach',
      'Whether the Disk can be worked with: 1 for what is so.',
      reaches.map((state) => ({ labels: { state }, value: api.reach === state ? 1 : 0 })),
    ),
    gauge(
      'yadiskfs_revision_read_timestamp_seconds',
      'When the Disk was last asked whether anything changed.',
      freshness.revisionReadAtMs === undefined ? [] : freshness.revisionReadAtMs / 1000,
    ),
    counter(
      'yadiskfs_cache_blocks_total',
      'Blocks that readers asked for, by where they were.',
      Object.entries(blocks.counts).map(([from, value]) => ({ labels: { from }, value })),
    ),
    gauge('yadiskfs_cache_used_bytes', 'Room that blocks take on the local disk.', store.usedBytes),
    gauge('yadiskfs_cache_limit_bytes', 'Room that they may take.', cacheLimitBytes),
  ];
}

/** Under the names that Prometheus' own libraries give them. */
function processMetrics(): Metric[] {
  const { user, system } = process.cpuUsage();
  const startedAtSec = Date.now() / 1000 - process.uptime();
  return [
    gauge('yadiskfs_build_info', 'Which program this is.', [
      { labels: { version: programVersion() }, value: 1 },
    ]),
    counter('process_cpu_seconds_total', 'Time of processors.', (user + system) / 1e6),
    gauge('process_resident_memory_bytes', 'Memory.', process.memoryUsage.rss()),
    gauge('process_start_time_seconds', 'Since when it runs.', startedAtSec),
  ];
}

function resultName(result: number): string {
  return result >= 0 ? 'ok' : (errnoNames.get(result) ?? String(-result));
}

function counter(name: string, help: string, value: number | readonly Sample[]): Metric {
  return { name, help, type: 'counter', samples: samplesOf(value) };
}

function gauge(name: string, help: string, value: number | readonly Sample[]): Metric {
  return { name, help, type: 'gauge', samples: samplesOf(value) };
}

function samplesOf(value: number | readonly Sample[]): readonly Sample[] {
  return typeof value === 'number' ? [{ value }] : value;
}

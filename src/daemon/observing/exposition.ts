/** Prometheus' text format, version 0.0.4. */

type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly labels?: Labels;
  readonly value: number;
}

/** One metric: what it is called, and what it is now. */
export type Metric = {
  readonly name: string;
  readonly help: string;
} & (
  | { readonly type: 'counter' | 'gauge'; readonly samples: readonly Sample[] }
  | { readonly type: 'histogram'; readonly histograms: readonly LabelledHistogram[] }
);

interface LabelledHistogram {
  readonly labels: Labels;
  readonly histogram: Histogram;
}

/** A thousandth of a second to ten: what memory answers, the local disk, a near host, a far one, and what a person notices. */
const boundsSec = [0.001, 0.01, 0.1, 1, 10];

/** How long things took, in a few classes. */
class Histogram {
  readonly #counts = new Array<number>(boundsSec.length + 1).fill(0);
  #sumSec = 0;

  add(tookMs: number): void {
    const sec = tookMs / 1000;
    const found = boundsSec.findIndex((bound) => sec <= bound);
    const place = found < 0 ? boundsSec.length : found;
    this.#counts[place] = (this.#counts[place] ?? 0) + 1;
    this.#sumSec += sec;
  }

  /** The lines of one series: classes that each hold those below them too, the sum, and how many. */
  lines(name: string, labels: Labels): string[] {
    let count = 0;
    const classes = this.#counts.map((inClass, index) => {
      count += inClass;
      const le = String(boundsSec[index] ?? '+Inf');
      return line(`${name}_bucket`, { ...labels, le }, count);
    });
    return [...classes, line(`${name}_sum`, labels, this.#sumSec), line(`${name}_count`, labels, count)];
  }
}

/** Counts by labels. Its owner sees to it that they have few values. */
export class LabelledCounts {
  readonly #samples = new Map<string, { readonly labels: Labels; value: number }>();

  add(labels: Labels): void {
    const key = JSON.stringify(labels);
    const known = this.#samples.get(key);
    if (known) known.value++;
    else this.#samples.set(key, { labels, value: 1 });
  }

  get samples(): Sample[] {
    return [...this.#samples.values()];
  }
}

/** Histograms by labels; as `LabelledCounts`. */
export class LabelledHistograms {
  readonly #histograms = new Map<string, LabelledHistogram>();

  add(labels: Labels, tookMs: number): void {
    const key = JSON.stringify(labels);
    const known = this.#histograms.get(key) ?? { labels, histogram: new Histogram() };
    this.#histograms.set(key, known);
    known.histogram.add(tookMs);
  }

  get all(): LabelledHistogram[] {
    return [...this.#histograms.values()];
  }
}

export function exposition(metrics: readonly Metric[]): string {
  const lines = metrics.flatMap((metric) => [
    `# HELP ${metric.name} ${metric.help}`,
    `# TYPE ${metric.name} ${metric.type}`,
    ...(metric.type === 'histogram'
      ? metric.histograms.flatMap(({ labels, histogram }) => histogram.lines(metric.name, labels))
      : metric.samples.map(({ labels = {}, value }) => line(metric.name, labels, value))),
  ]);
  return `${lines.join('\n')}\n`;
}

function line(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}`;
}

function escaped(text: string): string {
  return text.replaceAll(/[\\"]/g, '\\$&').replaceAll('\n', '\\n');
}

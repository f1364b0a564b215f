/** How long calls took: percentiles, and a picture of how they are spread. */
import { createHistogram } from 'node:perf_hooks';
import type { RecordableHistogram } from 'node:perf_hooks';

const PERCENTILES = [50, 90, 99, 99.9] as const;
const BAR_WIDTH = 40;
/** Bounds of the bars grow by half an octave: a latency's picture is about ratios. */
const BARS_AN_OCTAVE = 2;

export class Latencies {
  /** In microseconds. */
  readonly #histogram: RecordableHistogram = createHistogram({
    lowest: 1,
    highest: 3_600_000_000,
    figures: 3,
  });
  /** Calls by the number of the bar they stand in. */
  readonly #bars: number[] = [];

  add(milliseconds: number): void {
    const microseconds = Math.max(1, Math.round(milliseconds * 1000));
    this.#histogram.record(microseconds);
    const bar = Math.floor(Math.log2(microseconds) * BARS_AN_OCTAVE);
    this.#bars[bar] = (this.#bars[bar] ?? 0) + 1;
  }

  get count(): number {
    return this.#histogram.count;
  }

  /** In milliseconds, by name: `p50`, ..., `max`. Empty when nothing was measured. */
  percentiles(): { readonly [name: string]: number } {
    if (this.count === 0) return {};
    const values = PERCENTILES.map((each) => [`p${each}`, this.#histogram.percentile(each) / 1000]);
    return { ...Object.fromEntries(values), max: this.#histogram.max / 1000 };
  }

  /** `p50 1.20 ms  p90 ...` */
  summary(): string {
    return Object.entries(this.percentiles())
      .map(([name, value]) => `${name} ${shownMs(value)}`)
      .join('  ');
  }

  /** A line a bar, from the fastest call to the slowest; bars of less than a thousandth are left out. */
  picture(): string[] {
    const most = Math.max(...this.#bars.filter((each) => each !== undefined));
    const lines: string[] = [];
    for (const [bar, calls = 0] of this.#bars.entries()) {
      if (calls * 1000 < this.count) continue;
      const label = `from ${shownMs(2 ** (bar / BARS_AN_OCTAVE) / 1000)}`;
      const share = ((calls / this.count) * 100).toFixed(1);
      const length = Math.max(1, Math.round((calls / most) * BAR_WIDTH));
      lines.push(`${label.padStart(14)} ${share.padStart(5)} % ${'#'.repeat(length)}`);
    }
    return lines;
  }
}

/** Three figures are as many as a latency has. */
function shownMs(milliseconds: number): string {
  const digits = milliseconds < 10 ? 2 : milliseconds < 100 ? 1 : 0;
  return `${milliseconds.toFixed(digits)} ms`;
}

/** Medians and tables: one number of a noisy machine says nothing. */
import { cpus, release, totalmem } from 'node:os';

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

export function range(values: readonly number[], digits = 0): string {
  return `${shown(Math.min(...values), digits)} to ${shown(Math.max(...values), digits)}`;
}

export function shown(value: number, digits = 0): string {
  return value.toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

export function printTable(header: readonly string[], rows: readonly (readonly string[])[]): void {
  console.log(`| ${header.join(' | ')} |`);
  console.log(`|${header.map(() => '---').join('|')}|`);
  for (const row of rows) console.log(`| ${row.join(' | ')} |`);
  console.log('');
}

/** In one line. */
export function machine(): string {
  const [cpu] = cpus();
  const memory = shown(totalmem() / 2 ** 30);
  const model = cpu?.model.trim() ?? 'unknown';
  return `${cpus().length} x ${model}, ${memory} GiB, Linux ${release()}, Node ${process.version}`;
}

/** What `millrace bench` tells: for people, or as JSON for scripts. */
import type { LoadResult, LoadShape } from './bench-load.ts';
import type { Latencies } from './latencies.ts';
import { count, plural } from './numbers.ts';

export interface BenchResults {
  readonly topic: string;
  readonly partitions: number;
  readonly shape: LoadShape;
  readonly written: LoadResult & { readonly acknowledged: number; readonly latencies: Latencies };
  /** Not there when it was not read. */
  readonly read?: {
    readonly records: number;
    /** Not there when it was read while it was written. */
    readonly elapsedMs: number | undefined;
    /** From the request of a record to its arrival, when it was. */
    readonly latencies: Latencies | undefined;
    readonly findings: readonly string[];
    readonly withoutAnswer: number;
  };
  /** Part of the time in which this process was at work, 0 to 1. */
  readonly clientLoad: number;
}

/** Above it the figures are those of the client. */
const BUSY = 0.95;

export function benchText(results: BenchResults): string {
  const { topic, partitions, shape, written, read, clientLoad } = results;
  const { latencies, failures } = written;
  const lines = [
    `${topic}: ${plural(partitions, 'partition')}, ${plural(shape.connections, 'connection')}, ` +
      `${plural(shape.batch, 'record')} of ${shape.recordBytes} bytes a request`,
    '',
    `produced  ${rate(written.acknowledged, written.elapsedMs, shape.recordBytes)}`,
  ];
  if (written.requests > 0) {
    lines.push(`  a request took  ${latencies.summary()}`, ...latencies.picture());
  }
  for (const [message, times] of failures) lines.push(`  failed ${count(times)} times: ${message}`);
  if (read?.elapsedMs !== undefined) {
    lines.push(`consumed  ${rate(read.records, read.elapsedMs, shape.recordBytes)}`);
  }
  if (read?.latencies !== undefined && read.latencies.count > 0) {
    lines.push(
      `consumed  ${plural(read.records, 'record')} while they were produced`,
      `  from request to receipt  ${read.latencies.summary()}`,
      ...read.latencies.picture(),
    );
  }
  if (clientLoad > BUSY) {
    const busy = Math.round(clientLoad * 100);
    lines.push(`This client was ${busy} % busy: the server may do more than it could ask for.`);
  }
  if (read !== undefined) lines.push('', ...verdict(read, written.acknowledged));
  return lines.map((line) => `${line}\n`).join('');
}

export function benchJson(results: BenchResults): string {
  const { topic, partitions, shape, written, read, clientLoad } = results;
  const { latencies, failures, acknowledged, elapsedMs, requests } = written;
  const json = {
    topic,
    partitions,
    connections: shape.connections,
    batch: shape.batch,
    record_bytes: shape.recordBytes,
    client_load: Number(clientLoad.toFixed(3)),
    produced: {
      records: acknowledged,
      requests,
      seconds: elapsedMs / 1000,
      records_per_second: perSecond(acknowledged, elapsedMs),
      latency_ms: latencies.percentiles(),
      failures: Object.fromEntries(failures),
    },
    ...(read && {
      consumed: {
        records: read.records,
        ...(read.elapsedMs !== undefined && {
          seconds: read.elapsedMs / 1000,
          records_per_second: perSecond(read.records, read.elapsedMs),
        }),
        ...(read.latencies && { end_to_end_ms: read.latencies.percentiles() }),
        records_without_answer: read.withoutAnswer,
        findings: read.findings,
      },
    }),
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}

function verdict(read: NonNullable<BenchResults['read']>, acknowledged: number): string[] {
  if (read.findings.length > 0) return ['The check FAILED:', ...read.findings];
  const doubtful =
    read.withoutAnswer === 0
      ? ''
      : ` (${plural(read.withoutAnswer, 'record')} without an acknowledgement left aside)`;
  return [
    `Checked: ${plural(acknowledged, 'acknowledged record')}, each there once and in order${doubtful}.`,
  ];
}

function rate(records: number, elapsedMs: number, recordBytes: number): string {
  const each = perSecond(records, elapsedMs);
  const megabytes = ((each * recordBytes) / 1e6).toFixed(1);
  const seconds = (elapsedMs / 1000).toFixed(1);
  return `${plural(records, 'record')} in ${seconds} s: ${count(each)} records/s, ${megabytes} MB/s`;
}

function perSecond(records: number, elapsedMs: number): number {
  return Math.round(records / Math.max(0.001, elapsedMs / 1000));
}

import { expect, it } from 'vitest';
import { benchJson, benchText } from '../../src/cli/bench-report.ts';
import type { BenchResults } from '../../src/cli/bench-report.ts';
import { Latencies } from '../../src/cli/latencies.ts';

function latencies(...milliseconds: number[]): Latencies {
  const made = new Latencies();
  for (const each of milliseconds) made.add(each);
  return made;
}

function results(more: Partial<BenchResults> = {}): BenchResults {
  return {
    topic: 't',
    partitions: 2,
    shape: {
      connections: 64,
      batch: 10,
      recordBytes: 100,
      keys: 0,
      records: 5_000,
      durationMs: Infinity,
    },
    written: {
      requests: 500,
      elapsedMs: 2_000,
      failures: new Map(),
      acknowledged: 5_000,
      latencies: latencies(1, 1, 1, 2),
    },
    clientLoad: 0.5,
    ...more,
  };
}

const READ = {
  records: 5_000,
  elapsedMs: 100,
  latencies: undefined,
  findings: [],
  withoutAnswer: 0,
};

it('says what was produced, how fast, and how long requests took', () => {
  const lines = benchText(results()).split('\n');
  expect(lines[0]).toBe('t: 2 partitions, 64 connections, 10 records of 100 bytes a request');
  expect(lines[2]).toBe('produced  5,000 records in 2.0 s: 2,500 records/s, 0.3 MB/s');
  expect(lines[3]).toMatch(/^ {2}a request took {2}p50 1\.0\d ms/);
  expect(lines[4]).toMatch(/75\.0 % #{40}$/);
});

it('says what was read back and that it is right', () => {
  const text = benchText(results({ read: READ }));
  expect(text).toContain('consumed  5,000 records in 0.1 s: 50,000 records/s, 5.0 MB/s\n');
  expect(text).toMatch(/\nChecked: 5,000 acknowledged records, each there once and in order\.\n$/);
});

it('says what is wrong, and what is left aside', () => {
  expect(benchText(results({ read: { ...READ, findings: ['a', 'b'] } }))).toMatch(
    /\nThe check FAILED:\na\nb\n$/,
  );
  expect(benchText(results({ read: { ...READ, withoutAnswer: 1 } }))).toContain(
    'in order (1 record without an acknowledgement left aside).',
  );
});

it('says how long a record took to come out', () => {
  const read = { ...READ, elapsedMs: undefined, latencies: latencies(3) };
  const text = benchText(results({ read }));
  expect(text).toContain('consumed  5,000 records while they were produced\n');
  expect(text).toMatch(/from request to receipt {2}p50 3\.0\d ms/);
});

it('names failures, and the client where it was the bound', () => {
  const written = { ...results().written, failures: new Map([['the disk is full', 3]]) };
  const text = benchText(results({ written, clientLoad: 0.99 }));
  expect(text).toContain('  failed 3 times: the disk is full\n');
  expect(text).toContain('This client was 99 % busy');
  expect(benchText(results())).not.toContain('busy');
});

it('has no latencies where every request failed', () => {
  const written = { ...results().written, requests: 0, latencies: latencies() };
  expect(benchText(results({ written }))).not.toContain('a request took');
});

it('says the same as JSON', () => {
  const read = { ...READ, elapsedMs: undefined, latencies: latencies(3) };
  expect(JSON.parse(benchJson(results({ read })))).toMatchObject({
    topic: 't',
    record_bytes: 100,
    produced: { records: 5_000, seconds: 2, records_per_second: 2_500, failures: {} },
    consumed: { records: 5_000, end_to_end_ms: { max: expect.any(Number) }, findings: [] },
  });
  expect(JSON.parse(benchJson(results({ read: READ }))).consumed).toMatchObject({
    seconds: 0.1,
    records_per_second: 50_000,
  });
  expect(JSON.parse(benchJson(results()))).not.toHaveProperty('consumed');
});

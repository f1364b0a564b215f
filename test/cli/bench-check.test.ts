import { expect, it } from 'vitest';
import { BenchCheck } from '../../src/cli/bench-check.ts';

function record(sequence: number, writer = 0) {
  return { writer, sequence, sentMs: 0 };
}

it('finds nothing in a load that is there once and in order', () => {
  const check = new BenchCheck();
  for (const writer of [0, 3]) check.told(writer, 5_000, 'acknowledged');
  for (let sequence = 0; sequence < 5_000; sequence += 1) {
    check.read(sequence % 2, sequence, record(sequence));
    check.read(2, sequence, record(sequence, 3));
  }
  expect(check.findings()).toEqual([]);
  expect(check).toMatchObject({ acknowledged: 10_000, withoutAnswer: 0 });
});

it('finds what was acknowledged and is not there', () => {
  const check = new BenchCheck();
  check.told(0, 3, 'acknowledged');
  check.read(0, 0, record(0));
  check.read(0, 1, record(2));
  expect(check.findings()).toEqual(['record 1 of connection 0 was acknowledged and is not there']);
});

it('finds a record that is there twice, in whichever partition', () => {
  const check = new BenchCheck();
  check.told(0, 1, 'acknowledged');
  check.read(0, 7, record(0));
  check.read(1, 9, record(0));
  expect(check.findings()).toEqual(['partition 1, offset 9: record 0 of connection 0 again']);
});

it('finds a record behind a later one of its writer, but not of others', () => {
  const check = new BenchCheck();
  check.told(0, 2, 'acknowledged');
  check.told(1, 1, 'acknowledged');
  check.read(0, 0, record(1));
  check.read(0, 1, record(0, 1));
  check.read(0, 2, record(0));
  expect(check.findings()).toEqual([
    'partition 0, offset 2: record 0 of connection 0 behind a later one',
  ]);
});

it('finds what was refused and is there', () => {
  const check = new BenchCheck();
  check.told(0, 2, 'refused');
  check.read(0, 0, record(1));
  expect(check.findings()).toEqual(['record 1 of connection 0 was refused and is there']);
});

it('leaves open whether a record without an answer is there, and where', () => {
  const check = new BenchCheck();
  check.told(0, 2, 'unknown');
  check.told(0, 1, 'acknowledged');
  check.read(0, 0, record(2));
  check.read(0, 1, record(1));
  expect(check.findings()).toEqual([]);
  expect(check).toMatchObject({ acknowledged: 1, withoutAnswer: 2 });
});

it('tells the first few findings and counts the others', () => {
  const check = new BenchCheck();
  check.told(0, 12, 'acknowledged');
  expect(check.findings()).toHaveLength(6);
  expect(check.findings().at(-1)).toBe('and 7 more');
});

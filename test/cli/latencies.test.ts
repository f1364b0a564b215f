import { expect, it } from 'vitest';
import { Latencies } from '../../src/cli/latencies.ts';

function of(...milliseconds: number[]): Latencies {
  const latencies = new Latencies();
  for (const each of milliseconds) latencies.add(each);
  return latencies;
}

it('has percentiles in milliseconds', () => {
  const latencies = of(...Array.from({ length: 1_000 }, (_, index) => (index + 1) / 10));
  const { p50, p90, p99, max } = latencies.percentiles();
  expect(p50).toBeCloseTo(50, 0);
  expect(p90).toBeCloseTo(90, 0);
  expect(p99).toBeCloseTo(99, 0);
  expect(max).toBeCloseTo(100, 0);
});

it('says them with as many digits as they have', () => {
  expect(of(0.123).summary()).toMatch(/^p50 0\.12 ms {2}p90 0\.12 ms .* max 0\.12 ms$/);
  expect(of(45.67).summary()).toContain('p50 45.7 ms');
  expect(of(1_234).summary()).toMatch(/p50 123\d ms/);
});

it('has nothing to say of nothing', () => {
  expect(of().percentiles()).toEqual({});
  expect(of().picture()).toEqual([]);
});

it('is drawn from the fastest to the slowest, the commonest longest', () => {
  const picture = of(...Array(100).fill(1), ...Array(50).fill(8)).picture();
  expect(picture).toEqual([
    `  from 0.72 ms  66.7 % ${'#'.repeat(40)}`,
    `  from 5.79 ms  33.3 % ${'#'.repeat(20)}`,
  ]);
});

it('leaves out of the picture what is rarer than one in a thousand', () => {
  const picture = of(...Array(2_000).fill(1), 500).picture();
  expect(picture).toHaveLength(1);
});

it('takes a call that took no time', () => {
  expect(of(0).percentiles()).toMatchObject({ max: 0.001 });
});

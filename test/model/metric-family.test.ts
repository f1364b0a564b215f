import { expect, test } from 'vitest';
import { counter, family, gauge } from '../../src/model/metric-family.ts';

test('metrics of one series have the names that Prometheus expects of their type', () => {
  const values = [{ value: 3 }];
  expect(counter('things', 'Things.', 3)).toEqual({
    name: 'millrace_things_total',
    help: 'Things.',
    type: 'counter',
    values,
  });
  expect(gauge('things', 'Things.', 3)).toEqual(
    family('millrace_things', 'Things.', 'gauge', values),
  );
});

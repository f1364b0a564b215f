import { expect, test } from 'vitest';
import { LIVE, METRICS, READY, ROOT } from '../../src/http/service-descriptions.ts';

test('a description of readiness says what an offline partition means for it', () => {
  expect(READY.description).toMatch(/do not make the server unready/);
});

test('routes that monitoring asks come without parameters and bodies', () => {
  for (const description of [ROOT, LIVE, READY, METRICS]) {
    expect([description.params, description.querystring, description.body]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  }
});

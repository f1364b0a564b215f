import { expect, test } from 'vitest';
import { errorResponses } from '../../src/http/description.ts';

test('codes of one status share its answer, and the common ones are always there', () => {
  const responses = errorResponses('MESSAGE_TOO_LARGE', 'BODY_TOO_LARGE', 'KAFKA_STORAGE_ERROR');
  expect(Object.keys(responses)).toEqual(['400', '403', '413', '500', '503']);
  expect(responses[413]?.description).toMatch(/^`MESSAGE_TOO_LARGE`: .*; `BODY_TOO_LARGE`: /);
  expect(responses[503]?.description).toMatch(/`KAFKA_STORAGE_ERROR`.*`SHUTTING_DOWN`/);
});

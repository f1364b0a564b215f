import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ERROR_SCHEMA } from '../../src/http/description.ts';
import { testApp } from '../support/http-app.ts';
import { schemaFaults } from '../support/json-schema.ts';

describe('whatever is asked', () => {
  const method = fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS');
  const part = fc.constantFrom(
    ...['topics', 'partitions', 'records', 'offsets', 'producers', 'health', 'ready', 'a', '0'],
    ...['-1', '..', '%2f', '%00', '%zz', '__proto__', '9007199254740993', 'x'.repeat(250), ''],
  );
  const query = fc.constantFrom(
    ...['', '?', '?offset=earliest', '?offset=-1', '?offset=@0', '?timestamp=x', '?before=1'],
    ...['?max_records=0', '?format=text&format=json', '?__proto__=1', '?a', '?%zz=%zz'],
  );
  const type = fc.constantFrom(
    ...['application/json', 'application/msgpack', 'application/vnd.kafka.json.v2+json'],
    ...['application/vnd.kafka.recordbatch', 'text/plain', 'multipart/form-data', 'x', undefined],
  );
  const payload = fc.oneof(
    fc.json(),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    fc.constantFrom('{"records": [{"value": 1}]}', '{"records": [{}]}', '{"partitions": 1}', ''),
  );

  test('is answered in the documented shape, and never by a failure', async () => {
    const { app } = testApp();
    const requests = fc.record({
      method,
      query,
      type,
      payload,
      parts: fc.array(part, { maxLength: 7 }),
    });
    await fc.assert(
      fc.asyncProperty(requests, async (each) => {
        const answer = await app.inject({
          method: each.method,
          url: `/${each.parts.join('/')}${each.query}`,
          headers: each.type === undefined ? {} : { 'content-type': each.type },
          ...(['GET', 'HEAD'].includes(each.method) ? {} : { payload: each.payload }),
        });
        expect(answer.statusCode).toBeLessThan(500);
        if (answer.statusCode < 400 || each.method === 'HEAD') return;
        expect(schemaFaults({}, ERROR_SCHEMA, answer.json())).toEqual([]);
        expect(Math.trunc(answer.json().error_code / 100)).toBe(answer.statusCode);
      }),
      { seed: 20_261_121, numRuns: 1_000 },
    );
  });
});

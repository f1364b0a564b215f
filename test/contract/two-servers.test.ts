/** Nothing about a member lives in a server: two in front of one broker are as good as one. */
import { expect, test } from 'vitest';
import { buildApp } from '../../src/http/app.ts';
import { conformingAsk } from '../support/conformance.ts';
import { testApp } from '../support/http-app.ts';
import { valued } from '../support/stored-records.ts';

test('a member joins at one, reads at the other, commits at the first and leaves at the second', async () => {
  const { app, broker, context } = testApp();
  const [one, two] = [conformingAsk(app), conformingAsk(buildApp(context))];
  await broker.createTopic({ name: 't' });
  const payload = { kind: 'records' as const, records: [valued('"a"')] };
  await broker.produce([{ topic: 't', partition: 0, payload }]);

  const post = { method: 'POST' as const };
  const joined = await one({ ...post, url: '/groups/g/members', payload: { topics: ['t'] } });
  const { member_id, generation, cursor } = joined.json();
  const place = `/groups/g/members/${member_id}`;
  const read = await two({ ...post, url: `${place}/fetch`, payload: { generation, cursor } });
  expect(read.json().records).toMatchObject([{ value: 'a' }]);
  const commit = { member_id, generation, cursor: read.json().cursor };
  const committed = await one({ ...post, url: '/groups/g/offsets', payload: commit });
  expect(committed.statusCode).toBe(200);
  expect(await broker.fetchOffsets('g')).toMatchObject([{ topic: 't', partition: 0, offset: 1 }]);
  expect((await two({ method: 'DELETE', url: place })).statusCode).toBe(204);
  expect((await broker.describeGroup('g')).state).toBe('Empty');
});

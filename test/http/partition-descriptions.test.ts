import { expect, test } from 'vitest';
import { PARTITION_OFFSETS, PURGE_PARTITION } from '../../src/http/partition-descriptions.ts';
import { testApp } from '../support/http-app.ts';

test('a query has the parameters that its route takes', async () => {
  const { app } = testApp();
  for (const { method, url, description } of [
    { method: 'GET', url: '/topics/a/partitions/0/offsets', description: PARTITION_OFFSETS },
    { method: 'DELETE', url: '/topics/a/partitions/0/records', description: PURGE_PARTITION },
  ] as const) {
    const answer = await app.inject({ method, url: `${url}?unheard_of=1` });
    const described = Object.keys(description.querystring?.['properties'] as object);
    expect(answer.json().details.allowed, url).toEqual(described);
  }
});

import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { API_VERSION_TABLE, apiOf, APIS, isServed } from '../../src/kafka-protocol/registry.ts';

test('every file of apis/ is registered, in the order of the keys its name begins with', () => {
  const folder = new URL('../../src/kafka-protocol/apis/', import.meta.url);
  const keys = readdirSync(folder)
    .toSorted()
    .map((name) => Number(name.slice(0, 2)));
  expect(APIS.map(({ key }) => key)).toEqual(keys);
});

test.each(APIS.map((api) => [api.name, api] as const))('%s is found by its key', (_name, api) => {
  expect(apiOf(api.key)).toBe(api);
  const { min, max } = api.versions;
  expect(API_VERSION_TABLE).toContainEqual({ key: api.key, min, max });
  expect(isServed(api, max)).toBe(true);
  expect([isServed(api, max + 1), isServed(api, min - 1)]).toEqual([false, false]);
});

test.each([-1, 4, 23, 75, 32_767, -32_768])('there is no API %i', (key) => {
  expect(apiOf(key)).toBeUndefined();
});

test('versions that are only announced are not served', () => {
  const api = { ...(apiOf(18) as (typeof APIS)[number]), servedFrom: 3 };
  expect([isServed(api, 2), isServed(api, 3)]).toEqual([false, true]);
});

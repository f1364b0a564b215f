import { expect, test } from 'vitest';
import { ConnectionPlaces } from '../../src/broker/connection-places.ts';
import { REFUSED_CONNECTIONS_MAX } from '../../src/model/limits.ts';

test('there are so many places, and one that was left can be taken again', () => {
  const places = new ConnectionPlaces(2);
  const leaveFirst = places.tryTake();
  expect([places.tryTake(), places.tryTake()]).toEqual([expect.any(Function), undefined]);
  leaveFirst?.();
  expect(places.tryTake()).toBeDefined();
  expect(places.tryTake()).toBeUndefined();
  expect([places.max, places.refusedMax]).toEqual([2, REFUSED_CONNECTIONS_MAX]);
});

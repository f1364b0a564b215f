import { expect, test } from 'vitest';
import { checkpointPath, fencedPath, segmentPath } from '../../src/storage/log-context.ts';

test('the files of a partition stand in its directory', () => {
  const place = { directory: '/data/topics/ab/3' };
  expect(segmentPath(place, 7)).toBe('/data/topics/ab/3/00000000000000000007.log');
  expect(checkpointPath(place)).toBe('/data/topics/ab/3/recovery.checkpoint');
  expect(fencedPath(place)).toBe('/data/topics/ab/3/fenced');
});

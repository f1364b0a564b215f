import { expect, test } from 'vitest';
import { LogStatus } from '../../src/storage/log-status.ts';
import { newSegment } from '../../src/storage/log-state.ts';
import { partitionFilesOf } from '../../src/storage/recovery-files.ts';
import { gapsOf, isRepairUnfinished, tellGaps } from '../../src/storage/repair-traces.ts';
import { recordingLog } from '../support/partition-fixture.ts';

function checkpointOf(...ends: [base: number, end: number][]) {
  const segments = ends.map(([base, endOffset]) => ({ ...newSegment(base), endOffset }));
  return { durableOffset: 0, logStartOffset: 0, segments, producers: [] };
}

test('a gap is where two segments do not meet', () => {
  expect(gapsOf(checkpointOf([3, 5], [5, 9], [12, 12]))).toEqual([{ from: 9, to: 12 }]);
});

test('gaps are told with their offsets', () => {
  const log = recordingLog();
  tellGaps({ directory: '/p', log }, checkpointOf([0, 2], [4, 6], [7, 7]));
  expect(log.lines.map(({ message }) => message)).toEqual([
    'records 2 to 3 are gone: a repair lost them',
    'records 6 to 6 are gone: a repair lost them',
  ]);
});

test('an unfinished repair takes the partition offline, a finished one does not', () => {
  const place = { directory: '/p', log: recordingLog(), status: new LogStatus() };
  const done = partitionFilesOf(['set-aside-1', 'recovery.checkpoint']);
  expect([isRepairUnfinished(place, done), place.status.state]).toEqual([false, 'online']);
  expect(isRepairUnfinished(place, partitionFilesOf(['repair.unfinished']))).toBe(true);
  expect([place.status.state, place.status.reason]).toEqual([
    'offline',
    '/p/repair.unfinished: a repair was interrupted; stop the server and repair again',
  ]);
  expect(place.log.lines).toMatchObject([{ level: 'error' }]);
});

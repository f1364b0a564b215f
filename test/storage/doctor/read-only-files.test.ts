import { expect, test } from 'vitest';
import { readOnlyFiles } from '../../../src/storage/doctor/read-only-files.ts';
import { BoundedFiles } from '../../support/bounded-files.ts';

test('only looking is possible', async () => {
  const disk = new BoundedFiles({ readBytesMax: 10, callsMax: 10 });
  disk.put('/a/b', Buffer.from('c'));
  const files = readOnlyFiles(disk);
  expect(await files.list('/a')).toEqual([{ name: 'b', kind: 'file' }]);
  expect(await (await files.open('/a/b', 'read')).size()).toBe(1);
  for (const call of [
    () => files.open('/a/b', 'read-write'),
    () => files.open('/a/c', 'create'),
    () => files.makeDir('/d'),
    () => files.rename('/a/b', '/a/c'),
    () => files.remove('/a/b'),
    () => files.removeDir('/a'),
    () => files.syncDir('/a'),
  ]) {
    expect(call).toThrow();
  }
});

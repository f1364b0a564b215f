import { describe, expect, test } from 'vitest';
import { fence, markFenced } from '../../src/storage/fence.ts';
import { LogStatus } from '../../src/storage/log-status.ts';
import { FaultyFiles } from '../support/faulty-files.ts';
import { namesIn, recordingLog } from '../support/partition-fixture.ts';
import { SimulatedFiles } from '../support/simulated-files.ts';

async function place() {
  const disk = new SimulatedFiles({ seed: 3 });
  await disk.makeDir('/p');
  await disk.syncDir('/');
  const files = new FaultyFiles(disk);
  return { directory: '/p', files, disk, log: recordingLog(), status: new LogStatus() };
}

describe('a fence', () => {
  test('takes the partition offline and leaves a durable marker', async () => {
    const one = await place();
    await fence(one, new Error('the sync failed'));
    expect(one.status).toMatchObject({ state: 'offline', isFenced: true, isMarked: true });
    expect(one.status.reason).toMatch(/^the sync failed; restart the server/);
    expect(await namesIn(one.disk.crash())).toEqual(['fenced']);
  });

  test('is offline before anything is written', async () => {
    const one = await place();
    const fencing = fence(one, new Error('the sync failed'));
    expect(one.status.isFenced).toBe(true);
    await fencing;
  });

  test('a second time writes and tells nothing', async () => {
    const one = await place();
    await fence(one, new Error('first'));
    const calls = one.files.record();
    await fence(one, new Error('second'));
    await markFenced(one);
    expect(calls).toEqual([]);
    expect(one.log.lines).toHaveLength(1);
    expect(one.status.reason).toMatch(/^first/);
  });

  test('whose marker cannot be written stands, and the marker is tried again', async () => {
    const one = await place();
    one.files.setFault({ kind: 'EIO', at: 1, lasts: true });
    await fence(one, new Error('the sync failed'));
    expect(one.status).toMatchObject({ state: 'offline', isFenced: true, isMarked: false });
    await expect(markFenced(one)).rejects.toMatchObject({ code: 'EIO' });
    one.files.setFault(undefined);
    await markFenced(one);
    expect(await namesIn(one.disk)).toEqual(['fenced']);
  });

  test('that never was leaves no marker', async () => {
    const one = await place();
    one.status.offline('damage');
    await markFenced(one);
    expect(await namesIn(one.disk)).toEqual([]);
  });
});

import { describe, expect, test } from 'vitest';
import type { AppendInput } from '../../../src/storage/log-appender.ts';
import { logPath } from '../../../src/storage/segment-files.ts';
import { recordsInput } from '../../../src/storage/log-appender.ts';
import { damageSubject } from '../../support/damage-subjects.ts';
import type { DamageSubject } from '../../support/damage-subjects.ts';
import { recordsOf } from '../../support/damage-run.ts';
import { FaultyFiles } from '../../support/faulty-files.ts';
import type { FileCall } from '../../support/faulty-files.ts';
import { textRecord } from '../../support/batches.ts';
import {
  append,
  appendTexts,
  contentOf,
  createLog,
  DIRECTORY,
  namesIn,
  openLog,
  overwrite,
  recordingLog,
} from '../../support/partition-fixture.ts';
import { examine, repair } from '../../support/repair-scene.ts';
import { SimulatedFiles } from '../../support/simulated-files.ts';

/** Durable, with the second batch of the middle segment and a batch of the last one spoiled. */
async function spoiledDisk(subject: DamageSubject, seed = 1): Promise<SimulatedFiles> {
  const disk = new SimulatedFiles({ seed });
  await disk.makeDir(DIRECTORY);
  await disk.syncDir('/');
  for (const [name, content] of subject.files) {
    const copy = Buffer.from(content);
    if (name === '00000000000000000000.log') copy[100] = 0x77;
    if (name === '00000000000000000007.log') copy[120] = 0x77;
    await overwrite(disk, `${DIRECTORY}/${name}`, copy);
  }
  await disk.syncDir(DIRECTORY);
  return disk;
}

async function allBytes(disk: SimulatedFiles, directory = DIRECTORY): Promise<Set<string>> {
  const found = new Set<string>();
  for (const { name, kind } of await disk.list(directory)) {
    const path = `${directory}/${name}`;
    if (kind === 'file') found.add((await contentOf(disk, path)).toString('latin1'));
    else for (const each of await allBytes(disk, path)) found.add(each);
  }
  return found;
}

describe('a repair', () => {
  test('keeps what is sound before and behind the damage, and leaves a gap that readers pass', async () => {
    const subject = await damageSubject('small');
    const disk = await spoiledDisk(subject);
    await repair(disk);
    const log = recordingLog();
    const partition = await openLog(disk, { ...subject, log });
    expect(partition.state).toBe('online');
    const lost = [...subject.records.keys()].filter(
      (offset) => offset < 2 || offset === 8 || offset === 9,
    );
    const kept = await recordsOf(partition);
    expect([...subject.records.keys()].filter((offset) => !kept.has(offset))).toEqual(lost);
    expect(log.lines.map(({ message }) => message)).toContain(
      'records 8 to 9 are gone: a repair lost them',
    );
    // Nothing is behind the gap yet; what comes next is.
    expect(await partition.read(8, 1_000)).toHaveLength(0);
    expect((await appendTexts(partition, 'next')).baseOffset).toBe(10);
    expect((await recordsOf(partition)).get(10)).toBe('next');
    expect(await partition.read(9, 1_000)).toEqual(await partition.read(10, 1_000));
  });

  test('says of batches whose flush has lost its beginning that their segment begins it', async () => {
    const disk = new SimulatedFiles({ seed: 1 });
    const log = await createLog(disk);
    const input = (text: string, baseSequence: number): AppendInput =>
      recordsInput([textRecord(text)], { producerId: 7, producerEpoch: 0, baseSequence });
    // One flush of three batches: those of a producer stay apart.
    await Promise.all(['a', 'b', 'c'].map((text, index) => append(log, input(text, index))));
    await log.close();
    const path = logPath(DIRECTORY, 0);
    const content = await contentOf(disk, path);
    content[65] = 0x77;
    await overwrite(disk, path, content);
    // The second write into the new segment is that of a header.
    const only = (call: FileCall): boolean =>
      call.name === 'write' && call.path === `${logPath(DIRECTORY, 1)}.tmp`;
    const full = new FaultyFiles(disk, { kind: 'short-write', at: 2, only });
    await expect(repair(full)).rejects.toMatchObject({ code: 'ENOSPC' });
    await repair(disk);
    const names = (await namesIn(disk)).filter((name) => name.endsWith('.log'));
    expect(names).toEqual(['00000000000000000001.log']);
    expect((await examine(disk)).findings.filter(({ severity }) => severity !== 'note')).toEqual(
      [],
    );
    const again = await openLog(disk);
    expect([...(await recordsOf(again)).values()]).toEqual(['b', 'c']);
    // What a producer sends again is still known.
    expect(await append(again, input('c', 2))).toMatchObject({ baseOffset: 2, duplicate: true });
  });
});

describe('a repair that ends at any call', () => {
  test.each(['kill', 'crash'] as const)(
    'by a %s loses nothing, and is finished by the next',
    async (end) => {
      const subject = await damageSubject('small');
      const expected = await spoiledDisk(subject);
      const bytes = await allBytes(expected);
      await repair(expected);
      const whole = await recordsOf(await openLog(expected, subject));
      for (let at = 1; ; at += 1) {
        const disk = await spoiledDisk(subject, at);
        const files = new FaultyFiles(disk, { kind: 'hang', at });
        const over = await Promise.race([repair(files).then(() => true), files.hanging]);
        let next = disk[end]();
        if (over !== true) {
          const left = await allBytes(next);
          for (const each of bytes) expect([at, left.has(each)]).toEqual([at, true]);
          const before = next;
          const server = await openLog(before, { ...subject, previousRun: 'rebooted' });
          // Either it has not begun, or it is offline, or it is done: nothing is given out anew.
          if (server.state === 'online') {
            expect([at, server.logEndOffset]).toEqual([at, subject.end]);
          }
          await server.close();
          next = before.kill();
          await repair(next);
        }
        const log = await openLog(next, subject);
        expect([at, log.state]).toEqual([at, 'online']);
        expect([at, await recordsOf(log)]).toEqual([at, whole]);
        if (over === true) break;
      }
    },
  );

  test('by an error, a full disk too, can be done again', async () => {
    const subject = await damageSubject('small');
    for (const kind of ['EIO', 'ENOSPC', 'short-write'] as const) {
      for (let at = 1; ; at += 1) {
        const disk = await spoiledDisk(subject);
        const files = new FaultyFiles(disk, { kind, at });
        await repair(files).catch((error: unknown) => error);
        const isSpoiled = files.spoiledCount > 0;
        files.setFault(undefined);
        await repair(files);
        const log = await openLog(disk, subject);
        expect([kind, at, log.state, log.logEndOffset]).toEqual([kind, at, 'online', subject.end]);
        if (!isSpoiled) break;
      }
    }
  });
});

import { describe, expect, test } from 'vitest';
import { PRODUCERS_PER_PARTITION_MAX } from '../../src/model/limits.ts';
import { PartitionLog } from '../../src/storage/partition-log.ts';
import { recordsInput } from '../../src/storage/log-appender.ts';
import { encodedBatch, recordsIn, textRecord } from '../support/batches.ts';
import { FaultyFiles } from '../support/faulty-files.ts';
import { HeldFiles } from '../support/held-files.ts';
import {
  append,
  appendBatches,
  appendTexts,
  createLog,
  DIRECTORY,
  partitionOptions,
  readAll,
  readTexts,
} from '../support/partition-fixture.ts';
import { SimulatedFiles } from '../support/simulated-files.ts';

function sequence(baseSequence: number, more: { id?: number; epoch?: number } = {}) {
  return { producerId: more.id ?? 5, producerEpoch: more.epoch ?? 0, baseSequence };
}

function sequenced(log: PartitionLog, baseSequence: number, ...texts: string[]) {
  return append(
    log,
    recordsInput(
      texts.map((text) => textRecord(text)),
      sequence(baseSequence),
    ),
  );
}

async function newLog(config: { readonly [name: string]: string } = {}) {
  const held = new HeldFiles(new SimulatedFiles({ seed: 1 }));
  const files = new FaultyFiles(held);
  await files.makeDir(DIRECTORY);
  const options = partitionOptions(files, { config });
  const log = await PartitionLog.create(options);
  return { log, held, files, counters: options.shared.counters };
}

describe('an append', () => {
  test('is answered with its place', async () => {
    const { log } = await newLog();
    expect(await appendTexts(log, 'a', 'b')).toEqual({
      baseOffset: 0,
      count: 2,
      logAppendTimeMs: -1,
      duplicate: false,
    });
    expect(await appendBatches(log, encodedBatch([textRecord('c')]))).toMatchObject({
      baseOffset: 2,
      count: 1,
    });
  });

  test('in a LogAppendTime topic is answered with the time that readers see', async () => {
    const { log } = await newLog({ 'message.timestamp.type': 'LogAppendTime' });
    const { logAppendTimeMs } = await appendTexts(log, 'a');
    await appendBatches(log, encodedBatch([textRecord('b', { timestamp: 77 })]));
    const records = await recordsIn(await readAll(log));
    expect(records.map(({ timestamp }) => timestamp)).toEqual([logAppendTimeMs, logAppendTimeMs]);
    expect(logAppendTimeMs).toBeGreaterThan(0);
  });

  test('of nothing is a mistake of the caller', async () => {
    const { log } = await newLog();
    await expect(append(log, recordsInput([]))).rejects.toThrow();
    const noBatches = { kind: 'batches' as const, bytes: Buffer.alloc(0), batches: [] };
    await expect(append(log, noBatches)).rejects.toThrow();
  });
});

describe('a check', () => {
  test('refuses and changes nothing', async () => {
    const { log } = await newLog({ 'max.message.bytes': '100' });
    const large = recordsInput([textRecord('x'.repeat(200))]);
    expect(() => log.check(large)).toThrow(
      expect.objectContaining({ code: 'MESSAGE_TOO_LARGE', written: 'no' }),
    );
    expect(log.logEndOffset).toBe(0);
  });

  test('of an idempotent request leaves no trace of the producer', async () => {
    const { log } = await newLog();
    for (const baseSequence of [7, 3]) {
      log.check(recordsInput([textRecord('a')], sequence(baseSequence)));
    }
    expect((await sequenced(log, 9, 'a')).baseOffset).toBe(0);
  });

  test('of several batches of one producer lets them build on each other', async () => {
    const { log } = await newLog();
    const batches = [0, 1].map((at) => encodedBatch([textRecord(`${at}`)], sequence(at)));
    expect((await appendBatches(log, ...batches)).count).toBe(2);
    const gap = [2, 4].map((at) => encodedBatch([textRecord(`${at}`)], sequence(at)));
    await expect(appendBatches(log, ...gap)).rejects.toMatchObject({
      code: 'OUT_OF_ORDER_SEQUENCE_NUMBER',
      written: 'no',
    });
    expect(log.logEndOffset).toBe(2);
    expect((await sequenced(log, 2, 'c')).baseOffset).toBe(2);
  });
});

describe('a repeated batch', () => {
  test('is answered with its first place and not stored again', async () => {
    const { log, counters } = await newLog();
    await appendTexts(log, 'before');
    await sequenced(log, 0, 'a', 'b');
    expect(await sequenced(log, 0, 'a', 'b')).toEqual({
      baseOffset: 1,
      count: 2,
      logAppendTimeMs: -1,
      duplicate: true,
    });
    expect(counters.duplicateBatches).toBe(1);
    const encoded = encodedBatch([textRecord('a'), textRecord('b')], sequence(0));
    expect(await appendBatches(log, encoded)).toMatchObject({ baseOffset: 1, duplicate: true });
    expect(log.logEndOffset).toBe(3);
  });

  test('of one that is on its way waits for its outcome', async () => {
    const { log, held } = await newLog();
    const sync = held.hold('sync', '.log');
    const first = sequenced(log, 0, 'a');
    await sync.reached;
    let isAnswered = false;
    const again = sequenced(log, 0, 'a').finally(() => {
      isAnswered = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isAnswered).toBe(false);
    sync.release();
    expect(await first).toMatchObject({ baseOffset: 0, duplicate: false });
    expect(await again).toMatchObject({ baseOffset: 0, duplicate: true });
  });

  test('of one that fails shares its failure, and may then be sent anew', async () => {
    const { log, held, files } = await newLog();
    const write = held.hold('write', '.log');
    const first = sequenced(log, 0, 'a').catch((error: unknown) => error);
    await write.reached;
    const again = sequenced(log, 0, 'a').catch((error: unknown) => error);
    const next = sequenced(log, 1, 'b').catch((error: unknown) => error);
    // The write that is held passes; the sync fails, and so does everything behind it.
    files.setFault({ kind: 'EIO', at: 1, only: ({ name }) => name === 'sync' });
    write.release();
    expect(await first).toMatchObject({ written: 'unknown' });
    expect(await again).toMatchObject({ written: 'unknown' });
    expect(await next).toMatchObject({ written: 'no' });
  });

  test('is no repetition when its flush was taken back', async () => {
    const { log, files } = await newLog();
    await sequenced(log, 0, 'a');
    files.setFault({ kind: 'EIO', at: 1, only: ({ name }) => name === 'write' });
    await expect(sequenced(log, 1, 'b')).rejects.toMatchObject({ written: 'no' });
    expect(await sequenced(log, 1, 'b')).toMatchObject({ baseOffset: 1, duplicate: false });
    await expect(sequenced(log, 3, 'd')).rejects.toMatchObject({
      details: { expected: 2, received: 3 },
    });
  });

  test('beside new ones in a request is left out', async () => {
    const { log } = await newLog();
    const batches = [0, 1, 2].map((at) => encodedBatch([textRecord(`${at}`)], sequence(at)));
    const [first, second, third] = batches.map((batch) => Buffer.from(batch)) as [
      Buffer,
      Buffer,
      Buffer,
    ];
    await appendBatches(log, first, second);
    expect(await appendBatches(log, ...batches)).toMatchObject({
      baseOffset: 0,
      count: 3,
      duplicate: false,
    });
    expect(await readTexts(log)).toEqual(['0', '1', '2']);
    expect(await appendBatches(log, third)).toMatchObject({ baseOffset: 2, duplicate: true });
  });
});

test('of more producers than are remembered, the longest silent one may begin anywhere', async () => {
  const { log } = await newLog();
  const appendOf = (id: number, baseSequence: number) =>
    append(log, recordsInput([textRecord('x')], sequence(baseSequence, { id })));
  const ids = Array.from({ length: PRODUCERS_PER_PARTITION_MAX }, (_, id) => id);
  await Promise.all(ids.map((id) => appendOf(id, 0)));
  await expect(appendOf(0, 7)).rejects.toMatchObject({ code: 'OUT_OF_ORDER_SEQUENCE_NUMBER' });
  await appendOf(PRODUCERS_PER_PARTITION_MAX, 0);
  await appendOf(0, 7);
  await expect(appendOf(2, 7)).rejects.toMatchObject({ code: 'OUT_OF_ORDER_SEQUENCE_NUMBER' });
});

test('producers are known again after a stop and after a crash', async () => {
  for (const isClean of [true, false]) {
    const disk = new SimulatedFiles({ seed: 4 });
    const log = await createLog(disk);
    await sequenced(log, 0, 'a', 'b');
    await appendBatches(log, encodedBatch([textRecord('c')], sequence(2)));
    if (isClean) await log.close();
    const next = isClean ? disk : disk.crash();
    const options = partitionOptions(next, { previousRun: isClean ? 'clean' : 'rebooted' });
    const again = await PartitionLog.open(options);
    expect(await sequenced(again, 0, 'a', 'b')).toMatchObject({ baseOffset: 0, duplicate: true });
    expect(await sequenced(again, 3, 'd')).toMatchObject({ baseOffset: 3, duplicate: false });
    await expect(sequenced(again, 5, 'f')).rejects.toMatchObject({
      code: 'OUT_OF_ORDER_SEQUENCE_NUMBER',
    });
  }
});

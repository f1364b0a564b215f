import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { LocalBroker } from '../../../src/broker/local/local-broker.ts';
import { OPEN_FILES_MAX, RETENTION_INTERVAL_MS } from '../../../src/model/limits.ts';
import { Scene } from '../../contract/scene.ts';
import { withFlippedBit } from '../../support/batches.ts';
import type { FileCall } from '../../support/faulty-files.ts';
import { FaultyFiles } from '../../support/faulty-files.ts';
import { openLocalBroker } from '../../support/local-broker.ts';
import { SimulatedMachine } from '../../support/simulated-machine.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const sceneOf = (broker: LocalBroker, { clock }: SimulatedMachine): Scene =>
  new Scene(broker, clock);

describe('after a stop and a start', () => {
  test('topics, their configs and their records are as they were', async () => {
    const machine = new SimulatedMachine();
    const before = await machine.start();
    const configOverrides = new Map([['segment.bytes', '500']]);
    const topic = await before.createTopic({ name: 't', partitionCount: 3, configOverrides });
    const values = Array.from({ length: 20 }, (_, n) => String(n));
    for (const value of values) await sceneOf(before, machine).produce([value], { partition: 2 });
    await before.deleteRecords('t', 2, 5);
    const described = await before.describePartitions('t');
    await before.close();

    const after = await machine.start();
    expect(await after.listTopics()).toEqual([topic]);
    expect(await after.describePartitions('t')).toEqual(described);
    expect(await sceneOf(after, machine).values(2)).toEqual(values.slice(5));
    expect(await sceneOf(after, machine).produce(['next'], { partition: 2 })).toMatchObject({
      baseOffset: 20,
    });
  });

  test('changes of topics have lasted, and deleted ones stay away', async () => {
    const machine = new SimulatedMachine();
    const before = await machine.start();
    await before.createTopic({ name: 'gone' });
    await before.createTopic({ name: 't' });
    await before.deleteTopic('gone');
    await before.addPartitions('t', 4);
    const topic = await before.alterConfigs('t', new Map([['retention.ms', '5']]));
    await before.close();
    const after = await machine.start();
    expect(await after.listTopics()).toEqual([topic]);
    expect(await after.describePartitions('t')).toHaveLength(4);
  });

  test('idempotent producers go on where they were, and no id is given twice', async () => {
    const machine = new SimulatedMachine();
    const before = await machine.start();
    await before.createTopic({ name: 't' });
    const identity = await before.initProducerId(null);
    const named = await before.initProducerId('orders');
    const producer = { ...identity, baseSequence: 0 };
    await sceneOf(before, machine).produce(['a', 'b'], { producer });
    await before.close();

    const after = await machine.start();
    const again = await sceneOf(after, machine).produce(['a', 'b'], { producer });
    expect(again).toMatchObject({ baseOffset: 0, duplicate: true });
    const other = await after.initProducerId(null);
    expect([identity.producerId, named.producerId]).not.toContain(other.producerId);
    expect(await after.initProducerId('orders')).toEqual({ ...named, producerEpoch: 1 });
  });

  test('a start after a stop in order is told so, one after a kill is not', async () => {
    const machine = new SimulatedMachine();
    await (await machine.start()).close();
    expect(machine.previousRun).toBe('clean');
    await machine.start();
    machine.kill();
    expect(machine.previousRun).toBe('same-boot');
  });
});

describe('when something is wrong', () => {
  test('a damaged partition is offline, and all others serve', async () => {
    const directory = await temporaryDirectory();
    const before = await openLocalBroker({ directory });
    const { topicId } = await before.createTopic({ name: 't', partitionCount: 2 });
    const machine = new SimulatedMachine();
    for (const partition of [0, 1]) {
      await sceneOf(before, machine).produce(['a'], { partition });
    }
    await before.close();
    const damaged = join(directory, 'topics', topicId.replaceAll('-', ''), '1');
    const [segment] = (await readdir(damaged)).filter((name) => name.endsWith('.log'));
    const path = join(damaged, segment as string);
    await writeFile(path, (await readFile(path)).subarray(0, -1));

    const after = await openLocalBroker({ directory });
    const { notOnline } = after.health();
    expect(notOnline).toMatchObject([{ topic: 't', partition: 1, state: 'offline' }]);
    expect(notOnline[0]?.reason).toContain('.log');
    const scene = sceneOf(after, machine);
    expect(await scene.values(0)).toEqual(['a']);
    await expect(scene.produce(['b'], { partition: 1 })).rejects.toMatchObject({
      code: 'KAFKA_STORAGE_ERROR',
      written: 'no',
    });
    const [, description] = await after.describePartitions('t');
    const { highWatermark: offset = 0 } = description ?? {};
    const result = await scene.fetch({ partition: 1, offset, maxWaitMs: 60_000 });
    expect(result.error?.code).toBe('KAFKA_STORAGE_ERROR');
    await after.deleteTopic('t');
    expect(after.health().notOnline).toEqual([]);
  });

  test('bytes that a read finds damaged are not served, and wake those who wait there', async () => {
    const directory = await temporaryDirectory();
    const before = await openLocalBroker({ directory });
    const { topicId } = await before.createTopic({ name: 't' });
    const machine = new SimulatedMachine();
    await sceneOf(before, machine).produce(['abc']);
    await before.close();
    const path = join(
      directory,
      'topics',
      topicId.replaceAll('-', ''),
      '0',
      `${'0'.repeat(20)}.log`,
    );
    await writeFile(path, withFlippedBit(await readFile(path), 66));
    const after = await openLocalBroker({ directory });
    const scene = sceneOf(after, machine);
    const tailing = scene.fetch({ offset: 1, maxWaitMs: 60_000 });
    await scene.untilParked(1);
    const { batches, error } = await scene.fetch();
    expect(error?.code).toBe('KAFKA_STORAGE_ERROR');
    expect(batches).toHaveLength(0);
    expect((await tailing).error?.code).toBe('KAFKA_STORAGE_ERROR');
  });

  test('a full disk refuses produces, goes on with reads, and heals by itself', async () => {
    const machine = new SimulatedMachine();
    const broker = await machine.start();
    const scene = sceneOf(broker, machine);
    await broker.createTopic({ name: 't' });
    await scene.produce(['a']);
    machine.disk.capacityBytes = machine.disk.usedBytes + 10;
    const { error, baseOffset } = await scene.produce(['b']);
    expect(error).toMatchObject({ code: 'DISK_FULL', written: 'no', retriable: true });
    expect(baseOffset).toBeUndefined();
    await expect(broker.createTopic({ name: 'u' })).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(await scene.values()).toEqual(['a']);
    machine.disk.capacityBytes = Infinity;
    expect(await scene.produce(['c'])).toMatchObject({ baseOffset: 1, error: undefined });
    await broker.createTopic({ name: 'u' });
    expect(await scene.values()).toEqual(['a', 'c']);
  });

  test('a failed sync leaves the outcome unknown, and that partition alone offline', async () => {
    const machine = new SimulatedMachine();
    const files = new FaultyFiles(machine.disk);
    const broker = await machine.start(files);
    const scene = sceneOf(broker, machine);
    await broker.createTopic({ name: 't', partitionCount: 2 });
    files.setFault({ kind: 'EIO', at: 1, only: ({ name }) => name === 'sync' });
    const { error } = await scene.produce(['a']);
    expect(error).toMatchObject({ code: 'KAFKA_STORAGE_ERROR', written: 'unknown' });
    expect(broker.health().notOnline).toMatchObject([{ partition: 0, state: 'offline' }]);
    expect(await scene.produce(['b'], { partition: 1 })).toMatchObject({ error: undefined });
    await broker.close();
    expect(machine.previousRun).not.toBe('clean');
  });

  test('a partition that cannot end in order keeps no other from it, and is told', async () => {
    const machine = new SimulatedMachine();
    const files = new FaultyFiles(machine.disk);
    const broker = await machine.start(files);
    const scene = sceneOf(broker, machine);
    await broker.createTopic({ name: 't', partitionCount: 3 });
    for (const partition of [0, 1, 2]) await scene.produce(['a'], { partition });
    // Neither can the sync be done nor the mark be left that it was not.
    const only = ({ path }: FileCall): boolean => path.includes('/1/');
    files.setFault({ kind: 'EIO', at: 1, lasts: true, only });
    await scene.produce(['b'], { partition: 1 });
    const calls = files.record();
    await expect(broker.close()).rejects.toMatchObject({ code: 'EIO' });
    expect(machine.previousRun).toBe('same-boot');
    for (const partition of [0, 2]) {
      expect(calls.some(({ path }) => path.includes(`/${partition}/recovery.checkpoint`))).toBe(
        true,
      );
    }
    machine.kill();
    const after = await machine.start();
    for (const partition of [0, 2]) {
      expect(await sceneOf(after, machine).values(partition)).toEqual(['a']);
    }
  });

  test('a data directory in use is refused, and free again after a stop', async () => {
    const directory = await temporaryDirectory();
    const first = await openLocalBroker({ directory });
    await expect(openLocalBroker({ directory })).rejects.toMatchObject({
      code: 'DATA_DIRECTORY_IN_USE',
    });
    await first.close();
    await openLocalBroker({ directory });
  });
});

describe('as time passes', () => {
  /** A topic whose old segments are due, but for one that is active. */
  async function withOldSegments(): Promise<{ machine: SimulatedMachine; broker: LocalBroker }> {
    const machine = new SimulatedMachine();
    const broker = await machine.start();
    const configs = { 'segment.bytes': '100', 'retention.ms': '1000' };
    const configOverrides = new Map(Object.entries(configs));
    await broker.createTopic({ name: 't', configOverrides });
    for (let n = 0; n < 5; n += 1) await sceneOf(broker, machine).produce(['x'.repeat(50)]);
    return { machine, broker };
  }

  test('old segments leave, and readers are told where the log begins now', async () => {
    const { machine, broker } = await withOldSegments();
    machine.clock.advance(RETENTION_INTERVAL_MS);
    while (broker.stats().segmentsDeleted === 0) await nextTurn();
    while (machine.clock.timerCount === 0) await nextTurn();
    const { offset } = await broker.listOffset('t', 0, 'earliest');
    expect(offset).toBeGreaterThanOrEqual(4);
    const { error } = await sceneOf(broker, machine).fetch();
    expect(error).toMatchObject({
      code: 'OFFSET_OUT_OF_RANGE',
      details: { log_start_offset: offset },
    });
  });

  test('nothing leaves because the wall clock was set', async () => {
    const { machine, broker } = await withOldSegments();
    machine.clock.jumpWall(86_400_000);
    machine.clock.advance(RETENTION_INTERVAL_MS);
    while (machine.clock.timerCount === 0) await nextTurn();
    expect(broker.stats().segmentsDeleted).toBe(0);
    expect(await broker.listOffset('t', 0, 'earliest')).toMatchObject({ offset: 0 });
  });
});

test('a thousand partitions are served with far fewer open files', async () => {
  const machine = new SimulatedMachine();
  const before = await machine.start();
  await before.createTopic({ name: 't', partitionCount: 1000 });
  const scene = sceneOf(before, machine);
  await Promise.all(
    Array.from({ length: 1000 }, (_, partition) => scene.produce([`${partition}`], { partition })),
  );
  expect(before.stats().openFiles).toBeLessThanOrEqual(OPEN_FILES_MAX);
  await before.close();
  const after = await machine.start();
  expect(after.stats()).toMatchObject({ partitions: 1000 });
  expect(await sceneOf(after, machine).values(999)).toEqual(['999']);
});

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, test } from 'vitest';
import { Catalogue } from '../../src/storage/catalogue.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const CLUSTER = 'abcdefghijklmnopqrstuv';
const A = '00000000-0000-4000-8000-00000000000a';
const B = '00000000-0000-4000-8000-00000000000b';
const NO_CONFIGS = new Map<string, string>();

let database: DatabaseSync;
let catalogue: Catalogue;

beforeEach(() => {
  database = new DatabaseSync(':memory:');
  catalogue = Catalogue.open(database, CLUSTER);
});

/** As the next run finds it. */
function reopened(): Catalogue {
  catalogue.close();
  return Catalogue.open(database, 'another');
}

describe('topics', () => {
  test('are shown once they are live, by name, with all that was set', () => {
    const configs = new Map([['retention.ms', '5']]);
    catalogue.addTopic({ topicId: B, name: 'b', partitions: 3, configs });
    catalogue.addTopic({ topicId: A, name: 'a', partitions: 1, configs: NO_CONFIGS });
    expect(catalogue.topics()).toEqual([]);
    for (const topicId of [A, B]) catalogue.setTopicState(topicId, 'live');
    const topics = [
      { topicId: A, name: 'a', partitions: 1, configs: NO_CONFIGS, state: 'live' },
      { topicId: B, name: 'b', partitions: 3, configs, state: 'live' },
    ];
    expect(catalogue.topics()).toEqual(topics);
    expect(reopened().topics()).toEqual(topics);
  });

  test('on their way in or out are listed apart', () => {
    catalogue.addTopic({ topicId: A, name: 'a', partitions: 1, configs: NO_CONFIGS });
    catalogue.addTopic({ topicId: B, name: 'b', partitions: 1, configs: NO_CONFIGS });
    catalogue.setTopicState(B, 'live');
    catalogue.setTopicState(B, 'deleting');
    expect(catalogue.unfinishedTopics()).toMatchObject([
      { state: 'creating' },
      { state: 'deleting' },
    ]);
    catalogue.removeTopic(A);
    expect(reopened().unfinishedTopics()).toMatchObject([{ topicId: B }]);
  });

  test('change their partitions and configs', () => {
    catalogue.addTopic({ topicId: A, name: 'a', partitions: 1, configs: NO_CONFIGS });
    catalogue.setTopicState(A, 'live');
    catalogue.setPartitions(A, 7);
    const configs = new Map([
      ['__proto__', 'x'],
      ['segment.bytes', '99'],
    ]);
    catalogue.setConfigs(A, configs);
    expect(reopened().topics()).toMatchObject([{ partitions: 7, configs }]);
  });

  test('of one name are one at a time, but for those on their way in or out', () => {
    for (const topicId of [A, B]) {
      catalogue.addTopic({ topicId, name: 'a', partitions: 1, configs: NO_CONFIGS });
    }
    catalogue.setTopicState(A, 'live');
    expect(() => catalogue.setTopicState(B, 'live')).toThrow(/UNIQUE/);
    catalogue.setTopicState(A, 'deleting');
    catalogue.setTopicState(B, 'live');
    expect(catalogue.topics()).toMatchObject([{ topicId: B }]);
  });

  test('that are not there cannot be changed', () => {
    for (const change of [
      () => catalogue.setTopicState(A, 'live'),
      () => catalogue.setPartitions(A, 2),
      () => catalogue.setConfigs(A, NO_CONFIGS),
      () => catalogue.removeTopic(A),
    ]) {
      expect(change).toThrow(`no topic ${A}`);
    }
  });

  test('in a damaged row are reported, not shown', () => {
    catalogue.addTopic({ topicId: A, name: 'a', partitions: 1, configs: NO_CONFIGS });
    database.exec("UPDATE topics SET topic_id = '../../../etc'");
    expect(() => catalogue.topics()).toThrow(
      expect.objectContaining({
        code: 'DATA_DIRECTORY_UNUSABLE',
        message: expect.stringContaining('topic id in {"topic_id":"../../../etc"') as string,
      }),
    );
  });
});

describe('producers', () => {
  test('ids are reserved in blocks that never overlap', () => {
    expect(catalogue.reserveProducerIds(10)).toEqual({ first: 0, count: 10 });
    expect(catalogue.reserveProducerIds(5)).toEqual({ first: 10, count: 5 });
    expect(reopened().reserveProducerIds(1)).toEqual({ first: 15, count: 1 });
  });

  test('each start of a named one gets the next epoch of the same id', () => {
    expect(catalogue.nextProducerEpoch('a', () => 7)).toEqual({ producerId: 7, producerEpoch: 0 });
    expect(catalogue.nextProducerEpoch('b', () => 8)).toEqual({ producerId: 8, producerEpoch: 0 });
    expect(catalogue.nextProducerEpoch('a', never)).toEqual({ producerId: 7, producerEpoch: 1 });
    const next = reopened();
    expect(next.namedProducerEpochs()).toEqual(
      new Map([
        [7, 1],
        [8, 0],
      ]),
    );
    expect(next.nextProducerEpoch('a', never)).toEqual({ producerId: 7, producerEpoch: 2 });
  });

  test('a name whose epochs are used up goes on with a new id, and the old one stays fenced', () => {
    catalogue.nextProducerEpoch('a', () => 7);
    database.exec('UPDATE producers SET epoch = 32765');
    expect(catalogue.nextProducerEpoch('a', never).producerEpoch).toBe(32_766);
    expect(catalogue.nextProducerEpoch('a', () => 9)).toEqual({
      producerId: 9,
      producerEpoch: 0,
      retiredId: 7,
    });
    expect(reopened().namedProducerEpochs()).toEqual(
      new Map([
        [9, 0],
        [7, 32_767],
      ]),
    );
  });

  test('names that differ in anything are different names', () => {
    const names = [
      'a',
      'a\0',
      'a\0b',
      '\ud800',
      '\ud801',
      '"',
      '\\',
      '\u00e9',
      'e\u0301',
      '\n',
      '__proto__',
    ];
    names.forEach((name, index) => catalogue.nextProducerEpoch(name, () => index));
    const next = reopened();
    names.forEach((name, index) => {
      expect(next.nextProducerEpoch(name, never)).toEqual({ producerId: index, producerEpoch: 1 });
    });
  });

  test('names are bounded', () => {
    database.exec(
      "INSERT INTO producers WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT 'p' || i, i, 0 FROM n",
    );
    expect(() => catalogue.nextProducerEpoch('a', never)).toThrow(
      expect.objectContaining({
        code: 'POLICY_VIOLATION',
        details: { received: 100_001, allowed_max: 100_000 },
      }),
    );
  });
});

function never(): number {
  throw new Error('no id was needed');
}

test('the cluster id is made once', () => {
  expect(catalogue.clusterId).toBe(CLUSTER);
  expect(reopened().clusterId).toBe(CLUSTER);
});

test('one that has lost its own row is reported, and not kept open', async () => {
  const path = join(await temporaryDirectory(), 'catalogue.db');
  Catalogue.open(path, CLUSTER).close();
  const damaged = new DatabaseSync(path);
  damaged.exec('DELETE FROM server');
  damaged.close();
  for (let attempt = 0; attempt < 2; attempt += 1) {
    expect(() => Catalogue.open(path, CLUSTER)).toThrow(
      expect.objectContaining({
        code: 'DATA_DIRECTORY_UNUSABLE',
        message: expect.stringContaining('is damaged (nothing answers SELECT cluster_id') as string,
      }),
    );
  }
});

test('a database that was handed in stays open when it turns out to be damaged', () => {
  database.exec('DELETE FROM server');
  expect(reopened).toThrow(expect.objectContaining({ code: 'DATA_DIRECTORY_UNUSABLE' }));
  expect(database.isOpen).toBe(true);
});

test('on a full disk a change is refused, nothing of it is there, and the next one may succeed', () => {
  const pages = database.prepare('PRAGMA page_count').get()?.['page_count'];
  database.exec(`PRAGMA max_page_count = ${String(pages)}`);
  const configs = new Map([['a', 'x'.repeat(9_000)]]);
  const add = () => catalogue.addTopic({ topicId: A, name: 'a', partitions: 1, configs });
  expect(add).toThrow(
    expect.objectContaining({ code: 'DISK_FULL', written: 'no', retriable: true }),
  );
  expect(catalogue.unfinishedTopics()).toEqual([]);
  database.exec('PRAGMA max_page_count = 1000');
  add();
  expect(catalogue.unfinishedTopics()).toHaveLength(1);
});

test('after a failed change its outcome is unknown, and later ones are refused until the next start', () => {
  database.exec('PRAGMA query_only = 1');
  const reserve = () => catalogue.reserveProducerIds(1);
  expect(reserve).toThrow(
    expect.objectContaining({ code: 'KAFKA_STORAGE_ERROR', written: 'unknown' }),
  );
  database.exec('PRAGMA query_only = 0');
  expect(reserve).toThrow(expect.objectContaining({ code: 'KAFKA_STORAGE_ERROR', written: 'no' }));
  expect(catalogue.topics()).toEqual([]);
  expect(reopened().reserveProducerIds(1)).toEqual({ first: 0, count: 1 });
});

test('what was changed is there after kill -9', async () => {
  const path = join(await temporaryDirectory(), 'catalogue.db');
  const module = new URL('../../src/storage/catalogue.ts', import.meta.url).href;
  const story = `
    import { Catalogue } from ${JSON.stringify(module)};
    const catalogue = Catalogue.open(${JSON.stringify(path)}, 'x');
    catalogue.addTopic({ topicId: '${A}', name: 'a', partitions: 1, configs: new Map() });
    catalogue.setTopicState('${A}', 'live');
    catalogue.reserveProducerIds(5);
    process.kill(process.pid, 'SIGKILL');
  `;
  const killed = spawnSync(process.execPath, ['--input-type=module', '--eval', story]);
  expect(killed.signal).toBe('SIGKILL');
  const after = Catalogue.open(path, 'y');
  expect(after.topics()).toMatchObject([{ name: 'a' }]);
  expect(after.reserveProducerIds(1).first).toBe(5);
  expect(after.clusterId).toBe('x');
  after.close();
});

import { beforeEach, describe, expect, test } from 'vitest';
import { FetchBudget } from '../../src/broker/fetch-budget.ts';
import { Inflater } from '../../src/http/inflater.ts';
import { readV2Config } from '../../src/http/v2-config.ts';
import { V2Instance } from '../../src/http/v2-instance.ts';
import { V2Reader } from '../../src/http/v2-read.ts';
import { v2RecordsAnswer } from '../../src/http/v2-answers.ts';
import type { V2App } from '../support/v2-app.ts';
import { settled, v2App } from '../support/v2-app.ts';

const inflater = new Inflater(new FetchBudget());

let v2: V2App;
let instance: V2Instance;
let reader: V2Reader;
const failures: unknown[] = [];
const TOPIC = { kind: 'topics', topics: ['t'] } as const;

beforeEach(async () => {
  v2 = v2App();
  await v2.broker.createTopic({ name: 't' });
  failures.length = 0;
  const { broker, clock } = v2;
  const means = { broker, clock, onFailure: (error: unknown) => void failures.push(error) };
  const config = readV2Config({ 'auto.offset.reset': 'earliest' });
  instance = new V2Instance(means, { group: 'g', name: 'a', clientHost: '/::1', config });
  reader = new V2Reader(means, instance);
});

async function read(signal = new AbortController().signal, onWrite = async () => {}) {
  const bounds = { bytesMin: 1, bytesMax: 1_000_000, waitMs: 0, signal };
  const { parts } = await reader.read({
    ...bounds,
    write: async (found) => {
      await onWrite();
      return v2RecordsAnswer(found, 'json', inflater);
    },
  });
  return JSON.parse(Buffer.concat(parts).toString()).map((each: { value: number }) => each.value);
}

test('the group sees its name and where it came from', async () => {
  await instance.subscribe(TOPIC);
  await settled();
  const { members } = await v2.broker.describeGroup('g');
  expect(members).toMatchObject([
    { clientId: 'a', clientHost: '/::1', sessionTimeoutMs: 30_000, rebalanceTimeoutMs: 300_000 },
  ]);
});

test('the same subscription once more changes nothing', async () => {
  await instance.subscribe(TOPIC);
  await settled();
  const { generation } = await v2.broker.describeGroup('g');
  await instance.subscribe({ kind: 'topics', topics: ['t'] });
  await settled();
  expect((await v2.broker.describeGroup('g')).generation).toBe(generation);
});

describe('an answer that was made', () => {
  test('and whose caller has gone is made again for the next one', async () => {
    await v2.produce('t', 0, 1);
    await instance.subscribe(TOPIC);
    const caller = new AbortController();
    expect(await read(caller.signal, async () => caller.abort())).toEqual([1]);
    expect(await read()).toEqual([1]);
    expect(await read()).toEqual([]);
  });

  test('while its caller went elsewhere leaves the position where that is', async () => {
    await v2.produce('t', 0, 1, 2);
    await instance.subscribe(TOPIC);
    const seek = () => instance.seek([{ topic: 't', partition: 0, offset: 1 }]);
    expect(await read(undefined, seek)).toEqual([1, 2]);
    expect(await read()).toEqual([2]);
  });

  test('and failed counts for nothing', async () => {
    await v2.produce('t', 0, 1);
    await instance.subscribe(TOPIC);
    const fail = () => Promise.reject(new Error('no room'));
    await expect(read(undefined, fail)).rejects.toThrow('no room');
    expect(await read()).toEqual([1]);
  });
});

test('an assignment that is refused has not committed what was read', async () => {
  await v2.produce('t', 0, 1, 2);
  await instance.assign([{ topic: 't', partition: 0 }]);
  expect(await read()).toEqual([1, 2]);
  const refused = instance.assign([{ topic: 't', partition: 1 }]);
  await expect(refused).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION' });
  // From where that read began.
  expect(await v2.broker.fetchOffsets('g')).toMatchObject([{ offset: 0 }]);
  expect(instance.assignment()).toEqual([{ topic: 't', partition: 0 }]);
});

test('once it is closed, it takes no call any more', async () => {
  await instance.subscribe(TOPIC);
  await instance.close({ settled: false });
  for (const call of [
    () => instance.subscribe(TOPIC),
    () => instance.unsubscribe(),
    () => instance.subscription(),
    () => instance.assign([]),
    async () => instance.assignment(),
    () => instance.seek([]),
    () => instance.seekTo('latest', []),
    () => instance.commit(undefined),
    () => instance.committed([]),
    () => instance.close({ settled: true }),
    () => read(),
  ]) {
    await expect(call()).rejects.toMatchObject({ code: 'CONSUMER_INSTANCE_NOT_FOUND' });
  }
});

test('what fails while nobody asks is reported, but not what giving up brings about', async () => {
  v2.levers.refuse('joinGroup', 'GROUP_MAX_SIZE_REACHED');
  await instance.subscribe(TOPIC);
  await settled();
  expect(failures).toMatchObject([{ code: 'GROUP_MAX_SIZE_REACHED' }]);
  await read();
  await instance.unsubscribe();
  await instance.subscribe(TOPIC);
  await instance.close({ settled: true });
  await settled();
  expect(failures).toHaveLength(1);
});

test('the deletion of one that reads nothing commits nothing', async () => {
  await instance.close({ settled: true });
  expect(await v2.broker.fetchOffsets('g')).toEqual([]);
});

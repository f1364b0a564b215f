import { beforeEach, expect, test } from 'vitest';
import { readV2Config } from '../../src/http/v2-config.ts';
import { V2Source } from '../../src/http/v2-source.ts';
import { MillraceError } from '../../src/model/errors.ts';
import type { V2App } from '../support/v2-app.ts';
import { expel, membersOf, settled, v2App } from '../support/v2-app.ts';

let v2: V2App;
const failures: unknown[] = [];
const TOPIC = { kind: 'topics', topics: ['t'] } as const;

beforeEach(async () => {
  v2 = v2App();
  await v2.broker.createTopic({ name: 't' });
  await v2.produce('t', 0, 1, 2, 3);
  failures.length = 0;
});

function source(config: object = {}): V2Source {
  const { broker, clock } = v2;
  const means = { broker, clock, onFailure: (error: unknown) => void failures.push(error) };
  const identity = { group: 'g', name: 'a', clientHost: '/::1' };
  return new V2Source(means, {
    ...identity,
    config: readV2Config({ 'auto.offset.reset': 'earliest', ...config }),
  });
}

test('nothing is read from at first, and settling that is free', async () => {
  const nothing = source();
  expect([nothing.subscription, nothing.handPlace, nothing.current]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(await nothing.place()).toBeUndefined();
  await nothing.settle();
  nothing.release();
});

test('a subscription is joined for without being asked, and left for the next one', async () => {
  const it = source();
  await it.subscribe(TOPIC);
  await settled();
  expect(it.current).toBe(await it.place());
  expect(await membersOf(v2)).toEqual(['a']);
  await it.subscribe({ kind: 'pattern', pattern: '.*' });
  expect(it.subscription).toEqual({ kind: 'pattern', pattern: '.*' });
  await settled();
  expect(await membersOf(v2)).toEqual(['a']);
  await it.assign(undefined);
  expect(await membersOf(v2)).toEqual([]);
});

test('settling commits where the instance is to commit by itself', async () => {
  for (const [autoCommit, committed] of [
    [false, []],
    [true, [expect.objectContaining({ offset: 2 })]],
  ] as const) {
    const it = source({ 'auto.commit.enable': autoCommit });
    await it.subscribe(TOPIC);
    (await it.place())?.positions.move({ topic: 't', partition: 0, offset: 2 });
    it.owe();
    expect(it.isOwing).toBe(true);
    await it.settle();
    expect(it.isOwing).toBe(false);
    expect(await v2.broker.fetchOffsets('g')).toEqual(committed);
    await it.assign(undefined);
  }
});

test('that a commit came too late is told to who has records in hand', async () => {
  const it = source();
  await it.subscribe(TOPIC);
  await it.place();
  it.owe();
  await expel(v2, 'a');
  await expect(it.commitPositions()).rejects.toMatchObject({ code: 'UNKNOWN_MEMBER_ID' });
  await it.settle();
  await it.commitPositions();
});

test('other faults of a commit are told to everybody', async () => {
  const it = source();
  await it.subscribe(TOPIC);
  await it.place();
  v2.levers.refuse('commitOffsets', 'DISK_FULL');
  await expect(it.settle()).rejects.toMatchObject({ code: 'DISK_FULL' });
});

test('a generation that ends is joined for again, unless the caller has records in hand', async () => {
  const it = source();
  await it.subscribe(TOPIC);
  const first = await it.place();
  await expel(v2, 'a');
  await settled();
  expect(it.current).not.toBe(first);
  const second = it.current;
  it.owe();
  await expel(v2, 'a');
  await settled();
  expect(it.current).toBe(second);
  it.release();
  await settled();
  expect(it.current).not.toBe(second);
  expect(failures).toEqual([]);
});

test('what fails meanwhile is reported, and the next who asks is told or gets it', async () => {
  const it = source();
  const error = new MillraceError('GROUP_MAX_SIZE_REACHED', 'full');
  v2.levers.refusals.set('joinGroup', error);
  await it.subscribe(TOPIC);
  await settled();
  expect(failures).toEqual([error]);
  expect(await it.place()).toBeDefined();
});

test('who waits for a join that is given up gets nothing', async () => {
  const other = source();
  await other.subscribe(TOPIC);
  await other.place();
  other.owe();
  const it = source();
  await it.subscribe(TOPIC);
  const waiting = it.place();
  await settled();
  await it.assign(undefined);
  expect(await waiting).toBeUndefined();
  expect(failures).toEqual([]);
});

import { beforeEach, describe, expect, test } from 'vitest';
import type { V2Config } from '../../src/http/v2-config.ts';
import { readV2Config } from '../../src/http/v2-config.ts';
import { V2Instances } from '../../src/http/v2-instances.ts';
import { V2_INSTANCE_TIMEOUT_MS, V2_INSTANCES_MAX } from '../../src/model/limits.ts';
import type { LogFacts } from '../../src/model/log.ts';
import { silentLog } from '../../src/model/log.ts';
import { refusalOf } from '../support/refusal.ts';
import type { V2App } from '../support/v2-app.ts';
import { membersOf, settled, v2App } from '../support/v2-app.ts';

let v2: V2App;
let instances: V2Instances;
const lines: LogFacts[] = [];

beforeEach(async () => {
  v2 = v2App();
  await v2.broker.createTopic({ name: 't' });
  lines.length = 0;
  const log = { ...silentLog, error: (facts: LogFacts) => void lines.push(facts) };
  instances = new V2Instances({ broker: v2.broker, clock: v2.clock, log });
});

function config(more: object = {}): V2Config {
  return readV2Config({ 'auto.offset.reset': 'earliest', ...more });
}

const TOPIC = { kind: 'topics', topics: ['t'] } as const;

describe('an instance that is not used', () => {
  test('ends after its time, leaves its group and commits nothing', async () => {
    await v2.produce('t', 0, 1);
    const { identity } = instances.create('g', config({ name: 'a' }), '/::1');
    expect(identity.clientHost).toBe('/::1');
    await instances.use('g', 'a').instance.subscribe(TOPIC);
    await settled();
    expect(await membersOf(v2)).toEqual(['a']);
    v2.clock.advance(V2_INSTANCE_TIMEOUT_MS - 1);
    instances.use('g', 'a');
    v2.clock.advance(V2_INSTANCE_TIMEOUT_MS - 1);
    await settled();
    expect(await membersOf(v2)).toEqual(['a']);
    v2.clock.advance(1);
    await settled();
    expect(await membersOf(v2)).toEqual([]);
    expect(refusalOf(() => instances.use('g', 'a')).code).toBe('CONSUMER_INSTANCE_NOT_FOUND');
    expect(v2.clock.timerCount).toBe(0);
  });

  test('keeps its place as long as it lives, however seldom it is read', async () => {
    instances.create('g', config({ name: 'a' }), '/::1');
    await instances.use('g', 'a').instance.subscribe(TOPIC);
    await settled();
    for (let minute = 0; minute < 60; minute += 1) {
      v2.clock.advance(60_000);
      instances.use('g', 'a');
    }
    await settled();
    expect(await membersOf(v2)).toEqual(['a']);
  });

  test('whose end fails unexpectedly is told to the log', async () => {
    instances.create('g', config({ name: 'a' }), '/::1');
    await instances.use('g', 'a').instance.subscribe(TOPIC);
    await settled();
    v2.levers.answers.leaveGroup = () => Promise.reject(new TypeError('boom'));
    v2.clock.advance(V2_INSTANCE_TIMEOUT_MS);
    await settled();
    expect(lines).toEqual([{ err: new TypeError('boom') }]);
    expect(instances.size).toBe(0);
  });
});

test('there are no more than are allowed, and a deletion makes room', async () => {
  for (let made = 0; made < V2_INSTANCES_MAX; made += 1) instances.create('g', config(), '/::1');
  const { code } = refusalOf(() => instances.create('g', config({ name: 'a' }), '/::1'));
  expect(code).toBe('POLICY_VIOLATION');
  await instances.remove('g', `rest-consumer-${v2.clock.wallMs()}-1`);
  instances.create('g', config({ name: 'a' }), '/::1');
});

test('a name of one group is free in another, also where the texts meet', () => {
  instances.create('g', config({ name: 'a/b' }), '/::1');
  instances.create('g/a', config({ name: 'b' }), '/::1');
  expect(refusalOf(() => instances.create('g', config({ name: 'a/b' }), '/::1')).code).toBe(
    'CONSUMER_ALREADY_EXISTS',
  );
  expect(instances.use('g/a', 'b').instance.identity.group).toBe('g/a');
});

test('of two deletions at once one finds nothing any more', async () => {
  instances.create('g', config({ name: 'a' }), '/::1');
  await instances.use('g', 'a').instance.subscribe(TOPIC);
  const both = await Promise.allSettled([instances.remove('g', 'a'), instances.remove('g', 'a')]);
  expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  instances.create('g', config({ name: 'a' }), '/::1');
});

test('closing ends all, and waits for it however often it is called', async () => {
  for (const name of ['a', 'b']) {
    instances.create('g', config({ name }), '/::1');
    await instances.use('g', name).instance.subscribe(TOPIC);
  }
  await settled();
  void instances.close();
  await instances.close();
  expect(await membersOf(v2)).toEqual([]);
  expect(instances.size).toBe(0);
  expect(refusalOf(() => instances.create('g', config(), '/::1')).code).toBe('SHUTTING_DOWN');
});

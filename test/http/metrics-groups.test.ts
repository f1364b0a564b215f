import { beforeEach, expect, test } from 'vitest';
import { groupFamilies } from '../../src/http/metrics-groups.ts';
import { MillraceError } from '../../src/model/errors.ts';
import { METRICS_GROUP_PARTITIONS_MAX } from '../../src/model/limits.ts';
import { FakeGroupScene } from '../support/fake-group-scene.ts';

let scene: FakeGroupScene;

beforeEach(() => {
  scene = new FakeGroupScene();
});

/** Values by name and labels. */
async function series(broker = scene.broker): Promise<Map<string, number>> {
  const families = await groupFamilies(broker);
  return new Map(
    families.flatMap(({ name, values }) =>
      values.map(({ labels = {}, value }): [string, number] => [
        [name, ...Object.values(labels)].join(' '),
        value,
      ]),
    ),
  );
}

test('offsets, lag and members have the names and labels of kafka_exporter', async () => {
  await scene.topic('t', 10, 5, 7);
  await scene.commit('g', 't', 0, 4);
  await scene.commit('g', 't', 1, 5);
  scene.groups.addMember('g', 'm');
  scene.groups.addMember('h', 'm');
  expect(Object.fromEntries(await series())).toEqual({
    'kafka_consumergroup_members g': 1,
    'kafka_consumergroup_members h': 1,
    'kafka_consumergroup_current_offset g t 0': 4,
    'kafka_consumergroup_current_offset g t 1': 5,
    'kafka_consumergroup_current_offset g t 2': -1,
    'kafka_consumergroup_current_offset_sum g t': 9,
    'kafka_consumergroup_lag g t 0': 6,
    'kafka_consumergroup_lag g t 1': 0,
    'kafka_consumergroup_lag g t 2': -1,
    'kafka_consumergroup_lag_sum g t': 6,
    millrace_groups_without_series: 0,
  });
  const [members, offsets, sums] = await groupFamilies(scene.broker);
  expect(Object.keys(members?.values[0]?.labels ?? {})).toEqual(['consumergroup']);
  expect(Object.keys(offsets?.values[0]?.labels ?? {})).toEqual([
    'consumergroup',
    'topic',
    'partition',
  ]);
  expect(Object.keys(sums?.values[0]?.labels ?? {})).toEqual(['consumergroup', 'topic']);
});

test('are there without a group, and say of which kind they are', async () => {
  const families = await groupFamilies(scene.broker);
  expect(families.map(({ type }) => type)).toEqual(families.map(() => 'gauge'));
  expect(await series()).toEqual(new Map([['millrace_groups_without_series', 0]]));
});

test('groups too large for what is left are counted, and smaller ones still shown', async () => {
  await scene.topic('big', ...Array.from({ length: METRICS_GROUP_PARTITIONS_MAX - 2 }, () => 0));
  await scene.topic('small', 1, 1);
  await scene.commit('a', 'big', 0, 0);
  await scene.commit('b', 'big', 0, 0);
  await scene.commit('c', 'small', 0, 0);
  await scene.commit('d', 'small', 0, 0);
  const shown = await series();
  expect(shown.get('millrace_groups_without_series')).toBe(2);
  const groups = [...shown.keys()].filter((each) => each.startsWith('kafka_consumergroup_lag_sum'));
  expect(groups).toEqual([
    'kafka_consumergroup_lag_sum a big',
    'kafka_consumergroup_lag_sum c small',
  ]);
  expect(shown.get('kafka_consumergroup_members d')).toBe(0);
});

test('what goes while it is looked at is passed over', async () => {
  await scene.topic('t', 1);
  for (const group of ['g', 'h']) await scene.commit(group, 't', 0, 0);
  const gone = (code: 'GROUP_ID_NOT_FOUND' | 'UNKNOWN_TOPIC_OR_PARTITION') => () =>
    Promise.reject(new MillraceError(code, 'gone'));
  const withoutGroup = { ...scene.broker, describeGroup: gone('GROUP_ID_NOT_FOUND') };
  expect([...(await series(withoutGroup)).keys()]).toEqual(['millrace_groups_without_series']);
  const withoutTopic = { ...scene.broker, describePartitions: gone('UNKNOWN_TOPIC_OR_PARTITION') };
  expect([...(await series(withoutTopic)).keys()]).toEqual([
    'kafka_consumergroup_members g',
    'kafka_consumergroup_members h',
    'millrace_groups_without_series',
  ]);
});

test('each topic is described once, and no record is read', async () => {
  await scene.topic('t', 1);
  for (const group of ['g', 'h', 'i']) await scene.commit(group, 't', 0, 0);
  let descriptions = 0;
  await groupFamilies({
    ...scene.broker,
    describePartitions: (name) => {
      descriptions += 1;
      return scene.broker.describePartitions(name);
    },
  });
  expect(descriptions).toBe(1);
  expect(scene.memory.stats().bytesFetched).toBe(0);
});

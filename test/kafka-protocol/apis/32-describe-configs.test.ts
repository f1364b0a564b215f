import { beforeEach, describe, expect, test } from 'vitest';
import { TOPIC_CONFIG_DEFINITIONS } from '../../../src/model/topic-config-definitions.ts';
import { askAs, DESCRIBE_CONFIGS, versionsBetween } from '../../support/kafka-admin-messages.ts';
import { kafkaParts } from '../../support/kafka-face.ts';
import type { KafkaParts } from '../../support/kafka-face.ts';
import type { Message } from '../../support/kafka-messages.ts';

const VERSIONS = versionsBetween(1, 4);
const TOPIC = 2;
const BROKER = 4;

let parts: KafkaParts;

beforeEach(async () => {
  parts = kafkaParts({ settings: { defaultPartitions: 7 } });
  const configOverrides = new Map([['retention.ms', '1000']]);
  await parts.broker.createTopic({ name: 't', configOverrides });
});

async function ask(version: number, resources: readonly Message[], more: Message = {}) {
  const asked = { resources, ...more };
  const { results } = await askAs({ context: parts.context, version }, DESCRIBE_CONFIGS, asked);
  return results as (Message & { configs: Message[] })[];
}

describe.each(VERSIONS)('v%i', (version) => {
  const type = (configType: number, documentation: string | null): Message =>
    version >= 3 ? { configType, documentation } : {};

  test('shows configs with where they come from', async () => {
    const configurationKeys = ['segment.bytes', 'unknown', 'retention.ms'];
    const resources = [{ resourceName: 't', configurationKeys }];
    const fixed = { readOnly: false, isSensitive: false, synonyms: [] };
    expect(await ask(version, resources)).toEqual([
      {
        errorCode: 0,
        errorMessage: null,
        resourceType: TOPIC,
        resourceName: 't',
        configs: [
          { name: 'retention.ms', value: '1000', configSource: 1, ...fixed, ...type(5, null) },
          {
            name: 'segment.bytes',
            value: '1073741824',
            configSource: 5,
            ...fixed,
            ...type(3, null),
          },
        ],
      },
    ]);
  });

  test('shows synonyms and documentation where they are asked for', async () => {
    const configurationKeys = ['retention.ms', 'min.insync.replicas'];
    const more = { includeSynonyms: true, ...(version >= 3 && { includeDocumentation: true }) };
    const [answer] = await ask(version, [{ resourceName: 't', configurationKeys }], more);
    expect(answer?.configs).toMatchObject([
      {
        name: 'retention.ms',
        synonyms: [
          { name: 'retention.ms', value: '1000', source: 1 },
          { name: 'log.retention.ms', value: '604800000', source: 5 },
        ],
        ...type(5, expect.stringMatching(/^Milliseconds after which/)),
      },
      {
        name: 'min.insync.replicas',
        synonyms: [{ name: 'min.insync.replicas', value: '1', source: 5 }],
        ...type(3, expect.stringMatching(/^Without effect/)),
      },
    ]);
  });

  test('shows the broker', async () => {
    const configurationKeys = ['num.partitions', 'message.max.bytes'];
    const resources = [{ resourceType: BROKER, resourceName: '1', configurationKeys }];
    const [answer] = await ask(version, resources);
    expect(answer).toMatchObject({ errorCode: 0, resourceType: BROKER, resourceName: '1' });
    expect(answer?.configs).toMatchObject([
      { name: 'num.partitions', value: '7', readOnly: true, configSource: 4, ...type(3, null) },
      { name: 'message.max.bytes', value: '1048588', readOnly: true, configSource: 5 },
    ]);
  });
});

test.each([null, []])('with the keys %j all configs of a topic are shown', async (keys) => {
  const [answer] = await ask(4, [{ resourceName: 't', configurationKeys: keys }]);
  const names = TOPIC_CONFIG_DEFINITIONS.map(({ name }) => name);
  expect(answer?.configs.map(({ name }) => name)).toEqual(names);
});

test('of all brokers at once nothing was ever set', async () => {
  expect(await ask(4, [{ resourceType: BROKER, resourceName: '' }])).toMatchObject([
    { errorCode: 0, configs: [] },
  ]);
});

test.each([
  [TOPIC, 'none', 3, 'there is no topic "none"'],
  [TOPIC, '', 17, 'topic name "" is empty'],
  [TOPIC, 'a/b', 17, 'may hold only'],
  [BROKER, '2', 42, 'there is no broker "2", only 1'],
  [BROKER, '01', 42, 'there is no broker'],
  [8, '1', 42, 'resources of type 8 have no configs'],
  [16, 'x', 42, 'resources of type 16'],
  [32, 'x', 42, 'resources of type 32'],
  [0, 't', 42, 'topics (2) and the broker (4)'],
  [-1, 't', 42, 'resources of type -1'],
])('resource %i %j is refused with %i: %s', async (resourceType, resourceName, error, message) => {
  expect(await ask(4, [{ resourceType, resourceName }])).toEqual([
    {
      errorCode: error,
      errorMessage: expect.stringContaining(message),
      resourceType,
      resourceName,
      configs: [],
    },
  ]);
});

test('what is named twice is answered once, and one refusal says nothing of the others', async () => {
  const answers = await ask(4, [
    { resourceName: 't' },
    { resourceName: 'none' },
    { resourceType: BROKER, resourceName: '1' },
    { resourceName: 't' },
  ]);
  expect(answers.map(({ resourceName, errorCode }) => [resourceName, errorCode])).toEqual([
    ['t', 0],
    ['none', 3],
    ['1', 0],
  ]);
});

test('more keys than there can be are not named', async () => {
  const configurationKeys = Array.from({ length: 1_001 }, () => 'k');
  await expect(ask(4, [{ resourceName: 't', configurationKeys }])).rejects.toThrow(
    /at most 1000 elements/,
  );
});

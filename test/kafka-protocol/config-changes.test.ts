import { beforeEach, describe, expect, test } from 'vitest';
import {
  ALTER_CONFIGS,
  askAs,
  INCREMENTAL_ALTER_CONFIGS,
} from '../support/kafka-admin-messages.ts';
import { kafkaParts } from '../support/kafka-face.ts';
import type { KafkaParts } from '../support/kafka-face.ts';
import type { Message } from '../support/kafka-messages.ts';

const BROKER = 4;
const LOGGER = 8;
const CONFIGS = [{ name: 'retention.ms', value: '5' }];

let parts: KafkaParts;

beforeEach(async () => {
  parts = kafkaParts();
  for (const name of ['t', 'u']) await parts.broker.createTopic({ name });
});

async function retention(topic: string): Promise<string | undefined> {
  return (await parts.broker.topic(topic)).configOverrides.get('retention.ms');
}

describe.each([
  ['AlterConfigs', ALTER_CONFIGS],
  ['IncrementalAlterConfigs', INCREMENTAL_ALTER_CONFIGS],
])('%s', (_name, api) => {
  const ask = async (resources: readonly Message[], more: Message = {}) => {
    const message = { resources, ...more };
    const answer = await askAs({ context: parts.context, version: 1 }, api, message);
    return answer['responses'] as Message[];
  };

  test('one resource that is refused says nothing of the others', async () => {
    const names = ['none', 't', ''];
    const answers = await ask(names.map((resourceName) => ({ resourceName, configs: CONFIGS })));
    expect(answers).toMatchObject([
      { resourceName: 'none', errorCode: 3, errorMessage: 'there is no topic "none"' },
      { resourceName: 't', errorCode: 0, errorMessage: null },
      { resourceName: '', errorCode: 3 },
    ]);
    expect(await retention('t')).toBe('5');
  });

  test('with validate_only nothing changes, and what would be refused is refused', async () => {
    const bad = [{ name: 'retention.ms', value: '-2' }];
    const resources = [
      { resourceName: 't', configs: CONFIGS },
      { resourceName: 'u', configs: bad },
    ];
    const answers = await ask(resources, { validateOnly: true });
    expect(answers.map(({ errorCode }) => errorCode)).toEqual([0, 40]);
    expect(await retention('t')).toBeUndefined();
  });

  test('a resource named twice is refused both times', async () => {
    const resources = ['t', 'u', 't'].map((resourceName) => ({ resourceName, configs: CONFIGS }));
    const answers = await ask(resources);
    expect(answers.map(({ resourceName, errorCode }) => [resourceName, errorCode])).toEqual([
      ['t', 42],
      ['u', 0],
      ['t', 42],
    ]);
    expect(await retention('t')).toBeUndefined();
  });

  test('a config named twice is refused', async () => {
    expect(await ask([{ resourceName: 't', configs: [...CONFIGS, ...CONFIGS] }])).toMatchObject([
      { errorCode: 42, errorMessage: 'config "retention.ms" is named more than once' },
    ]);
    expect(await retention('t')).toBeUndefined();
  });

  test.each([
    [BROKER, '1', 'set when it starts'],
    [BROKER, '', 'set when it starts'],
    [BROKER, '2', 'there is no broker "2"'],
    [LOGGER, '1', 'resources of type 8 have no configs'],
    [0, 't', 'resources of type 0'],
  ])('resource %i %j cannot be altered', async (resourceType, resourceName, message) => {
    const answer = await ask([{ resourceType, resourceName, configs: CONFIGS }]);
    expect(answer).toEqual([
      {
        resourceType,
        resourceName,
        errorCode: 42,
        errorMessage: expect.stringContaining(message),
      },
    ]);
  });

  test('alterations sent together are made in their order', async () => {
    const values = ['5', '6', '7'];
    const asked = values.map((value) =>
      ask([{ resourceName: 't', configs: [{ name: 'retention.ms', value }] }]),
    );
    await Promise.all(asked);
    expect(await retention('t')).toBe('7');
  });
});

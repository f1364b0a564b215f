import { beforeEach, expect, test } from 'vitest';
import { ALTER_CONFIGS, askAs, versionsBetween } from '../../support/kafka-admin-messages.ts';
import { kafkaParts } from '../../support/kafka-face.ts';
import type { KafkaParts } from '../../support/kafka-face.ts';
import type { Message } from '../../support/kafka-messages.ts';

let parts: KafkaParts;

beforeEach(async () => {
  parts = kafkaParts();
  const configOverrides = new Map([['segment.ms', '1000']]);
  await parts.broker.createTopic({ name: 't', configOverrides });
});

async function ask(version: number, resources: readonly Message[], more: Message = {}) {
  const asked = { resources, ...more };
  const answer = await askAs({ context: parts.context, version }, ALTER_CONFIGS, asked);
  return answer['responses'] as Message[];
}

async function overrides(): Promise<Message> {
  return Object.fromEntries((await parts.broker.topic('t')).configOverrides);
}

test.each(versionsBetween(0, 2))('v%i replaces all configs of a topic', async (version) => {
  const configs = [
    { name: 'retention.ms', value: '5' },
    { name: 'preallocate', value: 'true' },
  ];
  expect(await ask(version, [{ resourceName: 't', configs }])).toEqual([
    { errorCode: 0, errorMessage: null, resourceType: 2, resourceName: 't' },
  ]);
  expect(await overrides()).toEqual({ 'retention.ms': '5', preallocate: 'true' });
  await ask(version, [{ resourceName: 't', configs: [] }]);
  expect(await overrides()).toEqual({});
});

test('a config without a value is refused, and nothing changes', async () => {
  const configs = [{ name: 'retention.ms', value: null }];
  expect(await ask(2, [{ resourceName: 't', configs }])).toMatchObject([
    { errorCode: 42, errorMessage: 'config "retention.ms" has no value' },
  ]);
  expect(await overrides()).toEqual({ 'segment.ms': '1000' });
});

test('a config that is not known is refused, and nothing changes', async () => {
  for (const configs of [
    [{ name: 'retention.mss', value: '1' }],
    [
      { name: 'retention.ms', value: '1' },
      { name: 'cleanup.policy', value: 'compact' },
    ],
  ]) {
    expect(await ask(2, [{ resourceName: 't', configs }])).toMatchObject([{ errorCode: 40 }]);
  }
  expect(await overrides()).toEqual({ 'segment.ms': '1000' });
});

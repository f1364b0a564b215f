import { beforeEach, expect, test } from 'vitest';
import {
  askAs,
  INCREMENTAL_ALTER_CONFIGS,
  versionsBetween,
} from '../../support/kafka-admin-messages.ts';
import { kafkaParts } from '../../support/kafka-face.ts';
import type { KafkaParts } from '../../support/kafka-face.ts';
import type { Message } from '../../support/kafka-messages.ts';

const [SET, DELETE, APPEND, SUBTRACT] = [0, 1, 2, 3];

let parts: KafkaParts;

beforeEach(async () => {
  parts = kafkaParts();
  const configOverrides = new Map([
    ['segment.ms', '1000'],
    ['retention.ms', '2000'],
  ]);
  await parts.broker.createTopic({ name: 't', configOverrides });
});

type Change = readonly [name: string, configOperation: number, value: string | null];

async function alter(version: number, ...changes: readonly Change[]): Promise<Message> {
  const configs = changes.map(([name, configOperation, value]) => ({
    name,
    configOperation,
    value,
  }));
  const message = { resources: [{ resourceName: 't', configs }] };
  const asked = { context: parts.context, version };
  const { responses } = await askAs(asked, INCREMENTAL_ALTER_CONFIGS, message);
  return (responses as Message[])[0] ?? {};
}

async function overrides(): Promise<Message> {
  return Object.fromEntries((await parts.broker.topic('t')).configOverrides);
}

test.each(versionsBetween(0, 1))(
  'v%i sets some configs, resets some, and leaves the others',
  async (version) => {
    const answer = await alter(
      version,
      ['retention.ms', DELETE, null],
      ['retention.bytes', SET, '5'],
      ['segment.bytes', DELETE, 'of no interest'],
    );
    const fine = { errorCode: 0, errorMessage: null, resourceType: 2, resourceName: 't' };
    expect(answer).toEqual(fine);
    expect(await overrides()).toEqual({ 'segment.ms': '1000', 'retention.bytes': '5' });
  },
);

test.each([
  [APPEND, 'delete'],
  [APPEND, 'delete,delete'],
  [SUBTRACT, 'compact'],
])('operation %i with %j leaves a list that is allowed', async (operation, value) => {
  expect(await alter(1, ['cleanup.policy', operation, value])).toMatchObject({ errorCode: 0 });
  expect(await overrides()).toMatchObject({ 'cleanup.policy': 'delete' });
});

test.each<[Change, number, string]>([
  [['cleanup.policy', APPEND, 'compact'], 40, 'cleanup.policy is "delete,compact"'],
  [['cleanup.policy', SUBTRACT, 'delete'], 40, 'cleanup.policy is ""'],
  [['retention.ms', APPEND, '1'], 40, '"retention.ms" is no list'],
  [['retention.ms', SUBTRACT, '1'], 40, '"retention.ms" is no list'],
  [['no.such', APPEND, '1'], 40, '"no.such" is no list'],
  [['no.such', SET, '1'], 40, '"no.such" is unknown'],
  [['no.such', DELETE, null], 40, '"no.such" is unknown'],
  [['retention.ms', SET, '-2'], 40, 'an integer from -1'],
  [['retention.ms', SET, null], 42, '"retention.ms" has no value'],
  [['cleanup.policy', APPEND, null], 42, '"cleanup.policy" has no value'],
  [['retention.ms', 4, '1'], 42, 'no operation is 4'],
  [['retention.ms', -1, '1'], 42, 'no operation is -1'],
])('%j is refused with %i: %s', async (change, errorCode, message) => {
  const before = await overrides();
  const answer = await alter(1, ['segment.bytes', SET, '100'], change);
  expect(answer).toMatchObject({ errorCode, errorMessage: expect.stringContaining(message) });
  expect(await overrides()).toEqual(before);
});

import { describe, expect, test } from 'vitest';
import { MillraceError } from '../../../src/model/errors.ts';
import type { KafkaParts } from '../../support/kafka-face.ts';
import { askFace, kafkaParts } from '../../support/kafka-face.ts';
import { readAll, readEnd, stable, versionsTo } from '../../support/kafka-groups.ts';

async function listGroups(
  { context }: KafkaParts,
  version: number,
  states: readonly string[] = [],
) {
  const reader = await askFace(context, {
    key: 16,
    version,
    body(writer) {
      if (version >= 4) writer.writeArray(states, (each) => writer.writeString(each));
      writer.writeTags();
    },
  });
  if (version >= 1) reader.readInt32('throttle_time_ms');
  const error = reader.readInt16('error_code');
  const groups = readAll(reader, () => ({
    group: reader.readString('group_id'),
    protocolType: reader.readString('protocol_type'),
    state: version >= 4 ? reader.readString('group_state') : undefined,
  }));
  readEnd(reader);
  return { error, groups };
}

/** One with a member, one that has but committed. */
async function scene(): Promise<KafkaParts> {
  const parts = kafkaParts();
  await stable(parts, 'members');
  await parts.broker.createTopic({ name: 't' });
  const offset = { topic: 't', partition: 0, offset: 1, leaderEpoch: -1, metadata: '' };
  const nobody = { group: 'commits', memberId: '', generation: -1 };
  await parts.broker.commitOffsets({ ...nobody, offsets: [offset] });
  return parts;
}

describe.each(versionsTo(4))('in version %i', (version) => {
  test('all groups are listed', async () => {
    const state = (name: string): string | undefined => (version >= 4 ? name : undefined);
    expect(await listGroups(await scene(), version)).toEqual({
      error: 0,
      groups: [
        { group: 'commits', protocolType: '', state: state('Empty') },
        { group: 'members', protocolType: 'consumer', state: state('Stable') },
      ],
    });
  });

  test('a refusal is that of the request', async () => {
    const parts = kafkaParts();
    parts.broker.listGroups = () => Promise.reject(new MillraceError('SHUTTING_DOWN', 'stopping'));
    expect(await listGroups(parts, version)).toEqual({ error: 16, groups: [] });
  });
});

test('those in certain states, however they are spelled', async () => {
  const parts = await scene();
  const names = async (...states: string[]) =>
    (await listGroups(parts, 4, states)).groups.map(({ group }) => group);
  expect(await names('Stable')).toEqual(['members']);
  expect(await names('empty', 'STABLE')).toEqual(['commits', 'members']);
  expect(await names('Dead', 'Assigning')).toEqual([]);
});

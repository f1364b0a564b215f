import { describe, expect, test } from 'vitest';
import { MillraceError } from '../../../src/model/errors.ts';
import type { KafkaParts } from '../../support/kafka-face.ts';
import { askFace, kafkaParts } from '../../support/kafka-face.ts';
import { readAll, readEnd, stable, versionsTo } from '../../support/kafka-groups.ts';

async function describeGroups(
  { context }: KafkaParts,
  version: number,
  groups: readonly string[],
  wantsOperations = false,
) {
  const reader = await askFace(context, {
    key: 15,
    version,
    body(writer) {
      writer.writeArray(groups, (each) => writer.writeString(each));
      if (version >= 3) writer.writeBoolean(wantsOperations);
      writer.writeTags();
    },
  });
  if (version >= 1) reader.readInt32('throttle_time_ms');
  const described = readAll(reader, () => ({
    error: reader.readInt16('error_code'),
    group: reader.readString('group_id'),
    state: reader.readString('group_state'),
    protocolType: reader.readString('protocol_type'),
    protocol: reader.readString('protocol_data'),
    members: readAll(reader, () => ({
      memberId: reader.readString('member_id'),
      instance: version >= 4 ? reader.readNullableString('group_instance_id') : undefined,
      clientId: reader.readString('client_id'),
      clientHost: reader.readString('client_host'),
      metadata: reader.readBytes('member_metadata').toString(),
      assignment: reader.readBytes('member_assignment').toString(),
    })),
    operations: version >= 3 ? reader.readInt32('authorized_operations') : undefined,
  }));
  readEnd(reader);
  return described;
}

const NOT_ASKED = -2_147_483_648;

describe.each(versionsTo(5))('in version %i', (version) => {
  test('a group is shown with its members', async () => {
    const parts = kafkaParts();
    const { memberId } = await stable(parts, 'g', { instance: 'i' });
    expect(await describeGroups(parts, version, ['g'])).toEqual([
      {
        error: 0,
        group: 'g',
        state: 'Stable',
        protocolType: 'consumer',
        protocol: 'range',
        members: [
          {
            memberId,
            instance: version >= 4 ? 'i' : undefined,
            clientId: 'test',
            clientHost: '/127.0.0.1',
            metadata: 'topics',
            assignment: 'all',
          },
        ],
        operations: version >= 3 ? NOT_ASKED : undefined,
      },
    ]);
  });

  test('one that nobody knows is dead, one without members has none', async () => {
    const parts = kafkaParts();
    const { memberId } = await stable(parts, 'g', { instance: 'i' });
    await parts.broker.leaveGroup('g', [{ memberId }]);
    expect(await describeGroups(parts, version, ['unknown', 'g'])).toMatchObject([
      { error: 0, group: 'unknown', state: 'Dead', protocolType: '', members: [] },
      { error: 0, group: 'g', state: 'Empty', members: [] },
    ]);
  });
});

test('what may be done with a group is told to those who ask', async () => {
  const [group] = await describeGroups(kafkaParts(), 5, ['g'], true);
  // READ, DELETE, DESCRIBE of org.apache.kafka.common.acl.AclOperation.
  expect(group?.operations).toBe((1 << 3) | (1 << 6) | (1 << 8));
});

test('a name that cannot be one, and a coordinator that does not know, are errors', async () => {
  const parts = kafkaParts();
  expect(await describeGroups(parts, 5, [''])).toMatchObject([{ error: 24, state: 'Dead' }]);
  parts.broker.describeGroup = () =>
    Promise.reject(new MillraceError('SHUTTING_DOWN', 'stopping', { retriable: true }));
  expect(await describeGroups(parts, 5, ['g'])).toMatchObject([{ error: 16 }]);
});

import { describe, expect, test } from 'vitest';
import type { KafkaParts } from '../../support/kafka-face.ts';
import { askFace, kafkaParts } from '../../support/kafka-face.ts';
import { readAll, readEnd, stable, versionsTo, writeAll } from '../../support/kafka-groups.ts';

interface Leaving {
  readonly memberId: string;
  readonly instance?: string;
}

async function leave(
  { context }: KafkaParts,
  version: number,
  members: readonly Leaving[],
  group = 'g',
) {
  const reader = await askFace(context, {
    key: 13,
    version,
    body(writer) {
      writer.writeString(group);
      if (version < 3) {
        writer.writeString((members[0] as Leaving).memberId);
        return;
      }
      writeAll(writer, members, ({ memberId, instance = null }) => {
        writer.writeString(memberId);
        writer.writeNullableString(instance);
        if (version >= 5) writer.writeNullableString('the consumer is being closed');
      });
      writer.writeTags();
    },
  });
  if (version >= 1) reader.readInt32('throttle_time_ms');
  const error = reader.readInt16('error_code');
  const readMember = () => ({
    memberId: reader.readString('member_id'),
    instance: reader.readNullableString('group_instance_id'),
    error: reader.readInt16('error_code'),
  });
  const answer = { error, members: version >= 3 ? readAll(reader, readMember) : undefined };
  readEnd(reader);
  return answer;
}

describe.each(versionsTo(2))('in version %i', (version) => {
  test('one member leaves, and its fault is that of the request', async () => {
    const parts = kafkaParts();
    const { memberId } = await stable(parts, 'g');
    expect(await leave(parts, version, [{ memberId }])).toEqual({ error: 0, members: undefined });
    expect((await parts.broker.describeGroup('g')).state).toBe('Empty');
    expect((await leave(parts, version, [{ memberId }])).error).toBe(25);
    expect((await leave(parts, version, [{ memberId }], '')).error).toBe(24);
  });
});

describe.each(versionsTo(5, 3))('in version %i', (version) => {
  test('many leave, each with a fault of its own', async () => {
    const parts = kafkaParts();
    const { memberId } = await stable(parts, 'g', { instance: 'i' });
    const leaving = [{ memberId: 'ghost' }, { memberId: '', instance: 'i' }];
    expect(await leave(parts, version, leaving)).toEqual({
      error: 0,
      members: [
        { memberId: 'ghost', instance: null, error: 25 },
        { memberId: '', instance: 'i', error: 0 },
      ],
    });
    expect((await parts.broker.describeGroup('g')).members).toEqual([]);
    expect((await leave(parts, version, [{ memberId }])).members).toMatchObject([{ error: 25 }]);
    expect(await leave(parts, version, [], '')).toEqual({ error: 24, members: [] });
  });
});

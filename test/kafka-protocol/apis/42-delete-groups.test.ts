import { expect, test } from 'vitest';
import type { KafkaParts } from '../../support/kafka-face.ts';
import { askFace, kafkaParts } from '../../support/kafka-face.ts';
import { readAll, readEnd, stable, versionsTo } from '../../support/kafka-groups.ts';

async function deleteGroups({ context }: KafkaParts, version: number, groups: readonly string[]) {
  const reader = await askFace(context, {
    key: 42,
    version,
    body(writer) {
      writer.writeArray(groups, (each) => writer.writeString(each));
      writer.writeTags();
    },
  });
  reader.readInt32('throttle_time_ms');
  const results = readAll(reader, () => {
    const group = reader.readString('group_id');
    return `${group}: ${reader.readInt16('error_code')}`;
  });
  readEnd(reader);
  return results;
}

test.each(versionsTo(2))(
  'groups without members go, each by itself (version %i)',
  async (version) => {
    const parts = kafkaParts();
    await stable(parts, 'full');
    const { memberId } = await stable(parts, 'left');
    await parts.broker.leaveGroup('left', [{ memberId }]);
    expect(await deleteGroups(parts, version, ['full', 'left', 'unknown', ''])).toEqual([
      'full: 68',
      'left: 0',
      'unknown: 69',
      ': 24',
    ]);
    await expect(parts.broker.describeGroup('left')).rejects.toMatchObject({
      code: 'GROUP_ID_NOT_FOUND',
    });
  },
);

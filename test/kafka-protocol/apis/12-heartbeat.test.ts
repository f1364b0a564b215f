import { describe, expect, test } from 'vitest';
import { kafkaParts } from '../../support/kafka-face.ts';
import type { KafkaParts } from '../../support/kafka-face.ts';
import { errorOf, joined, stable, versionsTo, writeMember } from '../../support/kafka-groups.ts';

function heartbeat(
  parts: KafkaParts,
  version: number,
  member: { memberId: string; generation: number; instance?: string },
): Promise<number> {
  return errorOf(parts, { key: 12, version }, (writer) => {
    writeMember(writer, 'g', member, version >= 3);
    writer.writeTags();
  });
}

describe.each(versionsTo(4))('in version %i', (version) => {
  test('a member of the present generation is well, others are told what they are', async () => {
    const parts = kafkaParts();
    const { memberId } = await stable(parts, 'g');
    expect(await heartbeat(parts, version, { memberId, generation: 1 })).toBe(0);
    expect(await heartbeat(parts, version, { memberId, generation: 0 })).toBe(22);
    expect(await heartbeat(parts, version, { memberId: 'ghost', generation: 1 })).toBe(25);
  });
});

test('a rebalance is told', async () => {
  const parts = kafkaParts();
  const { memberId } = await stable(parts, 'g');
  const joining = joined(parts, 'g');
  await new Promise((resolve) => setImmediate(resolve));
  expect(await heartbeat(parts, 4, { memberId, generation: 1 })).toBe(27);
  await parts.broker.leaveGroup('g', [{ memberId }]);
  await joining;
});

test('an instance that was replaced is fenced', async () => {
  const parts = kafkaParts();
  const older = await stable(parts, 'g', { instance: 'i' });
  await stable(parts, 'g', { instance: 'i' });
  const { memberId } = older;
  expect(await heartbeat(parts, 4, { memberId, generation: 1, instance: 'i' })).toBe(82);
});

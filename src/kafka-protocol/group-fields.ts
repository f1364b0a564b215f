/** What the requests of groups have in common: who a member is, and what a refusal is answered as. */
import type { GroupMember } from '../broker/groups.ts';
import type { KafkaReader } from '../codec/kafka-reader.ts';
import { MillraceError } from '../model/errors.ts';
import { KAFKA_ERROR } from './error-numbers.ts';
import { groupErrorNumber } from './errors.ts';

/**
 *     group_id string, generation_id int32, member_id string
 *       group_instance_id nullable string, from the version that has static members (KIP-345)
 */
export function readMember(reader: KafkaReader, hasInstanceId: boolean): GroupMember {
  const group = reader.readString('group_id');
  const generation = reader.readInt32('generation_id');
  const memberId = reader.readString('member_id');
  return { group, generation, memberId, ...readInstanceId(reader, hasInstanceId) };
}

export function readInstanceId(
  reader: KafkaReader,
  isThere: boolean,
): { groupInstanceId?: string | undefined } {
  const groupInstanceId = isThere ? reader.readNullableString('group_instance_id') : null;
  return groupInstanceId === null ? {} : { groupInstanceId };
}

/** NONE, or what a refusal of the broker's is called; anything else is thrown on. */
export async function errorOf(work: Promise<unknown>): Promise<number> {
  try {
    await work;
    return KAFKA_ERROR.NONE;
  } catch (error) {
    return refusalNumber(error);
  }
}

export function refusalNumber(error: unknown): number {
  if (error instanceof MillraceError) return groupErrorNumber(error);
  throw error;
}

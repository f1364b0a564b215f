/**
 * What members tell the sticky assignors of what they had, as user data of their subscriptions.
 * Neither form carries a version:
 *
 *     sticky (Java's StickyAssignor)         cooperative-sticky (CooperativeStickyAssignor)
 *     partitions   array of TopicPartitions  generation   int32
 *     generation   int32; clients before
 *                  KIP-341 leave it out
 *
 * What cannot be read counts as nothing said, like in Java's: it comes from another member, and to
 * lose its memory is better than to stop its group. `TopicPartitions` is in `consumer-protocol.ts`.
 */
import { MillraceError } from '../model/errors.ts';
import { readTopicPartitions, writeTopicPartitions } from './consumer-protocol.ts';
import type { TopicPartitions } from './consumer-protocol.ts';
import { KafkaReader } from './kafka-reader.ts';
import { KafkaWriter } from './kafka-writer.ts';

export interface StickyUserData {
  /** What the member had before it joined. */
  readonly ownedPartitions: readonly TopicPartitions[];
  /** The one that it had that in; -1 = none, or not said. */
  readonly generation: number;
}

const GENERATION_BYTES = 4;

export function encodeStickyUserData(
  ownedPartitions: readonly TopicPartitions[],
  generation: number,
): Buffer {
  const writer = new KafkaWriter();
  writeTopicPartitions(writer, ownedPartitions);
  writer.writeInt32(generation);
  return writer.written();
}

/** undefined when nothing is said. */
export function decodeStickyUserData(userData: Uint8Array | null): StickyUserData | undefined {
  if (userData === null) return undefined;
  try {
    const reader = new KafkaReader(userData, 'INVALID_REQUEST');
    const ownedPartitions = readTopicPartitions(reader, 'sticky userData');
    const hasGeneration = reader.left >= GENERATION_BYTES;
    return { ownedPartitions, generation: hasGeneration ? reader.readInt32('generation') : -1 };
  } catch (error) {
    if (error instanceof MillraceError && error.code === 'INVALID_REQUEST') return undefined;
    throw error;
  }
}

export function encodeCooperativeUserData(generation: number): Buffer {
  const writer = new KafkaWriter();
  writer.writeInt32(generation);
  return writer.written();
}

/** The generation; undefined when nothing is said. */
export function decodeCooperativeUserData(userData: Uint8Array | null): number | undefined {
  if (userData === null || userData.length < GENERATION_BYTES) return undefined;
  return new KafkaReader(userData, 'INVALID_REQUEST').readInt32('generation');
}

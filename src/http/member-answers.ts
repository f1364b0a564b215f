/** What a member's read answers: the records of all its partitions, and the cursor to go on with. */
import type { Cursor } from '../membership/cursor.ts';
import { encodeCursor } from '../membership/cursor.ts';
import type { PartitionRead } from '../membership/assigned-read.ts';
import type { MemberRead } from '../membership/read.ts';
import { advanced } from '../membership/read.ts';
import type { Position } from '../membership/positions.ts';
import { JSON_CONTENT_TYPE, JSON_TYPE, MSGPACK_TYPE } from './fetch-types.ts';
import type { Inflater } from './inflater.ts';
import { allChunks, RecordChunks, withoutFirstComma } from './record-chunks.ts';
import type { RecordSpan } from './record-chunks.ts';
import type { ValueFormat } from './record-json.ts';
import { jsonRecords } from './record-json.ts';
import { msgpackArray, msgpackInteger, msgpackMap, msgpackText } from './msgpack-text.ts';
import { msgpackRecords } from './record-msgpack.ts';
import type { RecordFormat, RecordPlace } from './record-view.ts';

export const MEMBER_READ_TYPES = [JSON_TYPE, MSGPACK_TYPE] as const;
export type MemberReadType = (typeof MEMBER_READ_TYPES)[number];

export interface MemberAnswerWish {
  /** undefined for a reader that is no member. */
  readonly generation: number | undefined;
  readonly recordsMax: number;
  readonly format: ValueFormat;
  readonly inflater: Inflater;
}

export interface MemberAnswer {
  readonly contentType: string;
  /** Its bytes, back to back. */
  readonly parts: readonly Buffer[];
}

export async function memberAnswer(
  type: MemberReadType,
  read: MemberRead,
  wish: MemberAnswerWish,
): Promise<MemberAnswer> {
  return type === JSON_TYPE ? jsonAnswer(read, wish) : msgpackAnswer(read, wish);
}

async function jsonAnswer(read: MemberRead, wish: MemberAnswerWish): Promise<MemberAnswer> {
  const { chunks, cursor } = await written(read, wish, (place) => jsonRecords(place, wish.format));
  const { reset } = read;
  const tail = JSON.stringify({
    cursor: encodeCursor(cursor),
    ...(wish.generation !== undefined && { generation: wish.generation }),
    ...(reset.length > 0 && { reset }),
  });
  return {
    contentType: JSON_CONTENT_TYPE,
    parts: [
      Buffer.from('{"records":['),
      ...withoutFirstComma(chunks),
      Buffer.from(`],${tail.slice(1)}`),
    ],
  };
}

async function msgpackAnswer(read: MemberRead, wish: MemberAnswerWish): Promise<MemberAnswer> {
  const { chunks, cursor, count } = await written(read, wish, msgpackRecords);
  const { reset } = read;
  let members = 2;
  let tail = msgpackText('cursor') + msgpackText(encodeCursor(cursor));
  if (wish.generation !== undefined) {
    members += 1;
    tail += msgpackText('generation') + msgpackInteger(wish.generation);
  }
  if (reset.length > 0) {
    members += 1;
    tail += msgpackText('reset') + msgpackArray(reset.length);
    for (const { topic, partition, from, to } of reset) {
      tail += msgpackMap(4) + msgpackText('topic') + msgpackText(topic);
      tail += msgpackText('partition') + msgpackInteger(partition);
      tail += msgpackText('from') + msgpackInteger(from) + msgpackText('to') + msgpackInteger(to);
    }
  }
  const head = msgpackMap(members) + msgpackText('records') + msgpackArray(count);
  return {
    contentType: MSGPACK_TYPE,
    parts: [Buffer.from(head, 'latin1'), ...chunks, Buffer.from(tail, 'latin1')],
  };
}

interface Written {
  readonly chunks: readonly Buffer[];
  readonly count: number;
  readonly cursor: Cursor;
}

/** No more records than wished, over all partitions; the cursor stands behind the last one shown. */
async function written(
  read: MemberRead,
  { generation, recordsMax, inflater }: MemberAnswerWish,
  formatOf: (place: RecordPlace) => RecordFormat,
): Promise<Written> {
  const all: Buffer[] = [];
  const positions: Position[] = [];
  let count = 0;
  for (const partition of read.partitions) {
    const bounds = { recordsMax: recordsMax - count, inflater };
    const records = recordsOf(partition, bounds, formatOf(partition));
    for (const chunk of await allChunks(records)) all.push(chunk);
    count += records.recordCount;
    positions.push({ ...partition, offset: records.nextOffset });
  }
  return { chunks: all, count, cursor: advanced(read, generation ?? -1, positions) };
}

export function recordsOf(
  { batches, offset, logStartOffset }: PartitionRead,
  bounds: Pick<RecordSpan, 'recordsMax' | 'inflater'>,
  format: RecordFormat,
): RecordChunks {
  return new RecordChunks({ batches, from: Math.max(offset, logStartOffset), ...bounds }, format);
}

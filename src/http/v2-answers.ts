/** What the routes of Confluent's v2 consumers answer, in its shapes and under its media types. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AssignedRead } from '../membership/assigned-read.ts';
import type { Position } from '../membership/positions.ts';
import { FETCH_RECORDS_MAX } from '../model/limits.ts';
import type { FetchType } from './fetch-types.ts';
import { acceptedType, JSON_TYPE } from './fetch-types.ts';
import type { Inflater } from './inflater.ts';
import { chooseMediaType } from './media-types.ts';
import { recordsOf } from './member-answers.ts';
import { allChunks, withoutFirstComma } from './record-chunks.ts';
import type { V2Format } from './record-v2.ts';
import { v2Records } from './record-v2.ts';
import { V2_TYPE } from './v2-bodies.ts';
import type { V2Written } from './v2-read.ts';

/** v2's bare type stands for its default, binary. */
const TYPES_BY_FORMAT = {
  binary: ['application/vnd.kafka.binary.v2+json', 'application/vnd.kafka.v2+json'],
  json: ['application/vnd.kafka.json.v2+json'],
  text: ['application/vnd.kafka.text.v2+json'],
} as const satisfies Readonly<Record<V2Format, readonly FetchType[]>>;

/** Throws NOT_ACCEPTABLE with v2's number when `Accept` names other formats than the instance's. */
export function acceptedV2Type(request: FastifyRequest, format: V2Format): FetchType {
  return acceptedType<FetchType>(request, TYPES_BY_FORMAT[format]);
}

/** Facts rather than records: under v2's type, or as plain JSON where that is preferred. */
export function sendV2(request: FastifyRequest, reply: FastifyReply, body: unknown): FastifyReply {
  const type = chooseMediaType(request.headers.accept, [V2_TYPE, JSON_TYPE]) ?? V2_TYPE;
  return reply.header('content-type', type).send(JSON.stringify(body));
}

export interface V2RecordsAnswer {
  readonly headers: Readonly<{ [name: string]: string }>;
  /** Its bytes, back to back. */
  readonly parts: readonly Buffer[];
}

const JUMPS_NAMED_MAX = 10;

/** The bare array of records; what it has no room for stands in a header. */
export async function v2RecordsAnswer(
  { partitions, reset }: AssignedRead,
  format: V2Format,
  inflater: Inflater,
): Promise<V2Written<V2RecordsAnswer>> {
  const chunks: Buffer[] = [];
  const positions: Position[] = [];
  let left = FETCH_RECORDS_MAX;
  for (const partition of partitions) {
    const bounds = { recordsMax: left, inflater };
    const records = recordsOf(partition, bounds, v2Records(partition, format));
    for (const chunk of await allChunks(records)) chunks.push(chunk);
    left -= records.recordCount;
    const { topic, topicId, committed } = partition;
    const place = { topic, topicId, partition: partition.partition, committed };
    positions.push({ ...place, offset: records.nextOffset });
  }
  const parts = [Buffer.from('['), ...withoutFirstComma(chunks), Buffer.from(']')];
  const jumps = JSON.stringify(reset.slice(0, JUMPS_NAMED_MAX));
  const headers = reset.length === 0 ? {} : { 'millrace-reset': jumps };
  return { answer: { headers, parts }, positions };
}

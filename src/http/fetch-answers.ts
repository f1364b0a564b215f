/** Pages of records in every representation that has an end. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Page } from './fetch-page.ts';
import type { FetchType } from './fetch-types.ts';
import { BATCH_TYPE, JSON_CONTENT_TYPE, JSON_TYPE, MSGPACK_TYPE } from './fetch-types.ts';
import type { Inflater } from './inflater.ts';
import { BatchCopies } from '../codec/batch-copies.ts';
import { allChunks, RecordChunks, withoutFirstComma } from './record-chunks.ts';
import type { ValueFormat } from './record-json.ts';
import { jsonRecords } from './record-json.ts';
import { msgpackArray, msgpackInteger, msgpackMap, msgpackText } from './msgpack-text.ts';
import { msgpackRecords } from './record-msgpack.ts';
import type { V2Format } from './record-v2.ts';
import { v2Records } from './record-v2.ts';
import type { RecordFormat, RecordPlace } from './record-view.ts';

export interface AnswerRequest extends RecordPlace {
  readonly recordsMax: number | undefined;
  readonly format: ValueFormat;
  readonly inflater: Inflater;
}

export interface PageAnswer {
  readonly contentType: string;
  /** Its bytes, back to back. */
  readonly parts: readonly Buffer[];
  readonly nextOffset: number;
}

/** Types of `pageAnswer`: all but the streams. */
export type PageType = Exclude<FetchType, 'application/x-ndjson' | 'text/event-stream'>;

export async function pageAnswer(
  type: PageType,
  page: Page,
  request: AnswerRequest,
): Promise<PageAnswer> {
  switch (type) {
    case JSON_TYPE:
      return jsonPage(page, request);
    case MSGPACK_TYPE:
      return msgpackPage(page, request);
    case BATCH_TYPE:
      return batchPage(page, request);
    default:
      return v2Page(type, page, request);
  }
}

async function jsonPage(page: Page, request: AnswerRequest): Promise<PageAnswer> {
  const chunks = chunksOf(page, request, jsonRecords(request, request.format));
  const records = await allChunks(chunks);
  const tail =
    `],"next_offset":${chunks.nextOffset},"log_start_offset":${page.logStartOffset},` +
    `"high_watermark":${page.highWatermark}}`;
  return {
    contentType: JSON_CONTENT_TYPE,
    parts: [Buffer.from('{"records":['), ...withoutFirstComma(records), Buffer.from(tail)],
    nextOffset: chunks.nextOffset,
  };
}

async function v2Page(
  type: keyof typeof V2_FORMATS_BY_TYPE,
  page: Page,
  request: AnswerRequest,
): Promise<PageAnswer> {
  const chunks = chunksOf(page, request, v2Records(request, V2_FORMATS_BY_TYPE[type]));
  const records = await allChunks(chunks);
  return {
    contentType: type,
    parts: [Buffer.from('['), ...withoutFirstComma(records), Buffer.from(']')],
    nextOffset: chunks.nextOffset,
  };
}

const V2_FORMATS_BY_TYPE = {
  'application/vnd.kafka.json.v2+json': 'json',
  'application/vnd.kafka.binary.v2+json': 'binary',
  'application/vnd.kafka.text.v2+json': 'text',
  'application/vnd.kafka.v2+json': 'binary',
} as const satisfies { readonly [type: string]: V2Format };

async function msgpackPage(page: Page, request: AnswerRequest): Promise<PageAnswer> {
  const chunks = chunksOf(page, request, msgpackRecords(request));
  const records = await allChunks(chunks);
  const head = msgpackMap(4) + msgpackText('records') + msgpackArray(chunks.recordCount);
  const tail =
    msgpackText('next_offset') +
    msgpackInteger(chunks.nextOffset) +
    msgpackText('log_start_offset') +
    msgpackInteger(page.logStartOffset) +
    msgpackText('high_watermark') +
    msgpackInteger(page.highWatermark);
  return {
    contentType: MSGPACK_TYPE,
    parts: [Buffer.from(head, 'latin1'), ...records, Buffer.from(tail, 'latin1')],
    nextOffset: chunks.nextOffset,
  };
}

async function batchPage(page: Page, request: AnswerRequest): Promise<PageAnswer> {
  const copies = new BatchCopies(page.batches, page.offset, request.recordsMax);
  const parts: Buffer[] = [];
  for (let copy = copies.next(); copy !== undefined; copy = copies.next()) {
    if (parts.length > 0) await nextTurn();
    parts.push(copy);
  }
  return { contentType: BATCH_TYPE, parts, nextOffset: copies.nextOffset };
}

function chunksOf(page: Page, request: AnswerRequest, format: RecordFormat): RecordChunks {
  const { batches, offset, logStartOffset } = page;
  const from = Math.max(offset, logStartOffset);
  const { recordsMax, inflater } = request;
  return new RecordChunks({ batches, from, recordsMax, inflater }, format);
}

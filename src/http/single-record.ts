/** One record by its offset: as JSON or MessagePack, or its value's bytes as they were stored. */
import type { FastifyInstance } from 'fastify';
import { batchEndAt, readHeaders } from '../codec/batch-reader.ts';
import { asBuffer } from '../codec/bytes.ts';
import { MillraceError } from '../model/errors.ts';
import type { HttpContext } from './context.ts';
import type { FetchBudget } from '../broker/fetch-budget.ts';
import { FETCH_RECORD } from './fetch-descriptions.ts';
import type { Page } from './fetch-page.ts';
import { readPage } from './fetch-page.ts';
import { RECORD_FORMAT, RECORD_OFFSET } from './fetch-parameters.ts';
import type { Answer } from './fetch-send.ts';
import { sendAnswer } from './fetch-send.ts';
import { Inflater } from './inflater.ts';
import type { FetchType } from './fetch-types.ts';
import {
  acceptedType,
  JSON_CONTENT_TYPE,
  JSON_TYPE,
  MSGPACK_TYPE,
  varyOnAccept,
} from './fetch-types.ts';
import { PARTITION, readPath, readQuery, TOPIC } from './parameters.ts';
import type { ValueFormat } from './record-json.ts';
import { jsonFormat } from './record-json.ts';
import { msgpackRecords } from './record-msgpack.ts';
import type { RecordFormat, RecordPlace } from './record-view.ts';
import { RecordView } from './record-view.ts';
import { storedContentType } from './stored-content-type.ts';

export function registerSingleRecord(
  app: FastifyInstance,
  { broker, clock }: HttpContext,
  budget: FetchBudget,
): void {
  app.get(
    '/topics/:topic/partitions/:partition/records/:offset',
    { schema: FETCH_RECORD },
    async (request, reply) => {
      const format = RECORD_FORMAT.read(readQuery(request, [RECORD_FORMAT]));
      const path = readPath(request);
      const place = { topic: TOPIC.read(path), partition: PARTITION.read(path) };
      const start = { kind: 'offset', offset: RECORD_OFFSET.read(path) } as const;
      const type = format === 'raw' ? JSON_TYPE : acceptedType(request, [JSON_TYPE, MSGPACK_TYPE]);
      const one = { bytesMin: 0, bytesMax: 1, waitMs: 0 };
      const page = await readPage(broker, { ...place, start, ...one });
      const hold = budget.take(2 * page.batches.length);
      const inflater = new Inflater(budget);
      try {
        const record = await recordAt(page, inflater);
        const answer = answerOf(record, { ...place, format, type });
        inflater.release();
        if (format !== 'raw') varyOnAccept(reply);
        if (answer === null) void reply.code(204).send();
        else sendAnswer(reply, answer, hold, { clock, budget });
      } finally {
        inflater.release();
        hold.release();
      }
      return reply;
    },
  );
}

interface Wish extends RecordPlace {
  readonly format: ValueFormat | 'raw';
  readonly type: FetchType;
}

/** null: a value that is null has no bytes to give, not even none. */
function answerOf(record: RecordView, { topic, partition, format, type }: Wish): Answer | null {
  if (format === 'raw') {
    return record.at.valueStart === -1
      ? null
      : rawAnswer(record, `${topic}-${partition}-${record.offset}`);
  }
  if (type === MSGPACK_TYPE) {
    return written(record, MSGPACK_TYPE, msgpackRecords({ topic, partition }));
  }
  const alone = { before: () => '', after: '', oneLine: false };
  return written(record, JSON_CONTENT_TYPE, jsonFormat({ topic, partition, format, ...alone }));
}

function written(
  record: RecordView,
  contentType: string,
  { write, writeChecked = write }: RecordFormat,
): Answer {
  const bytes = Buffer.from(writeChecked(record), 'latin1');
  return { headers: { 'content-type': contentType }, parts: [bytes] };
}

/** A stored page must not run as one of this server's: it is saved, never shown. */
function rawAnswer(record: RecordView, fileName: string): Answer {
  const { headersStart, headerCount, valueStart, valueEnd } = record.at;
  return {
    headers: {
      'content-type': storedContentType(readHeaders(record.bytes, headersStart, headerCount)),
      'content-disposition': `attachment; filename="${fileName}"`,
      'content-security-policy': 'sandbox',
    },
    parts: [Buffer.from(record.bytes.subarray(valueStart, valueEnd))],
  };
}

/** The record that the page begins with; OFFSET_OUT_OF_RANGE when it is not written yet. */
async function recordAt(page: Page, inflater: Inflater): Promise<RecordView> {
  if (page.batches.length > 0) {
    const batches = asBuffer(page.batches);
    // The first of its answer is given or refused.
    const plain = (await inflater.open(batches.subarray(0, batchEndAt(batches, 0)))) as Buffer;
    const record = new RecordView(plain);
    while (record.next()) if (record.offset === page.offset) return record;
  }
  const { offset, logStartOffset, highWatermark } = page;
  throw new MillraceError(
    'OFFSET_OUT_OF_RANGE',
    `there is no record at offset ${offset}; the partition holds ${logStartOffset} up to ${highWatermark}, exclusive`,
    { details: { offset, log_start_offset: logStartOffset, high_watermark: highWatermark } },
  );
}

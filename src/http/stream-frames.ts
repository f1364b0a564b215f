/**
 * How a stream says "a record", "I live" and "it ends because": as lines of JSON (NDJSON) or as
 * Server-Sent Events (WHATWG HTML, 9.2). Neither has a raw CR or LF inside a record.
 */
import type { ErrorBody } from './errors.ts';
import type { ValueFormat } from './record-json.ts';
import { jsonFormat } from './record-json.ts';
import type { RecordFormat, RecordPlace } from './record-view.ts';

export interface StreamFrames {
  readonly contentType: string;
  readonly records: RecordFormat;
  readonly heartbeat: Buffer;
  readonly error: (body: ErrorBody) => Buffer;
}

interface Source extends RecordPlace {
  readonly format: ValueFormat;
}

/** A record a line; an empty line as heartbeat; `{"error": ...}` as the last line. */
export function ndjsonFrames(source: Source): StreamFrames {
  return {
    contentType: 'application/x-ndjson; charset=utf-8',
    records: jsonFormat({ ...source, before: () => '', after: '\n', oneLine: true }),
    heartbeat: Buffer.from('\n'),
    error: (error) => Buffer.from(`${JSON.stringify({ error })}\n`),
  };
}

/** A record a message with its offset as id; a comment as heartbeat; `event: error` at the end. */
export function eventFrames(source: Source): StreamFrames {
  return {
    contentType: 'text/event-stream; charset=utf-8',
    records: jsonFormat({
      ...source,
      before: (record) => `id: ${record.offset}\ndata: `,
      after: '\n\n',
      oneLine: true,
    }),
    heartbeat: Buffer.from(':\n'),
    // Without an id: a browser that connects again resumes behind the last record it has.
    error: (error) => Buffer.from(`event: error\ndata: ${JSON.stringify(error)}\n\n`),
  };
}

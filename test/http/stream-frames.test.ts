import { expect, test } from 'vitest';
import { errorBody } from '../../src/http/errors.ts';
import { eventFrames, ndjsonFrames } from '../../src/http/stream-frames.ts';
import { MillraceError } from '../../src/model/errors.ts';
import { storedValues, writtenBytes } from '../support/stored-records.ts';

const SOURCE = { topic: 't', partition: 0, format: 'json' } as const;
const ERROR = errorBody(new MillraceError('SHUTTING_DOWN', 'line\nbreak', { retriable: true }));

async function text(frames: ReturnType<typeof ndjsonFrames>, ...values: string[]): Promise<string> {
  return (await writtenBytes(frames.records, { batches: storedValues(values) })).toString();
}

function record(offset: number, value: string): string {
  return `{"topic":"t","partition":0,"offset":${offset},"timestamp":1000,"key":null,"value":${value},"headers":[]}`;
}

test('NDJSON is a record a line, whatever line breaks its values have', async () => {
  const lines = await text(ndjsonFrames(SOURCE), '1', '{\r\n"a":1\n}');
  expect(lines).toBe(`${record(0, '1')}\n${record(1, '{  "a":1 }')}\n`);
});

test('an event is the record with its offset as id, on one line of data', async () => {
  const events = await text(eventFrames(SOURCE), '1', '[\r2\n]');
  expect(events).toBe(`id: 0\ndata: ${record(0, '1')}\n\nid: 1\ndata: ${record(1, '[ 2 ]')}\n\n`);
});

test('a heartbeat is an empty line, or a comment that dispatches no event', () => {
  expect(ndjsonFrames(SOURCE).heartbeat.toString()).toBe('\n');
  expect(eventFrames(SOURCE).heartbeat.toString()).toBe(':\n');
});

test('an error is one line too, and without an id, so that a reconnect resumes behind the records', () => {
  const line = ndjsonFrames(SOURCE).error(ERROR).toString();
  expect(line.indexOf('\n')).toBe(line.length - 1);
  expect(JSON.parse(line)).toEqual({ error: ERROR });
  const event = eventFrames(SOURCE).error(ERROR).toString();
  expect(event).toBe(`event: error\ndata: ${JSON.stringify(ERROR)}\n\n`);
  expect(event.split('\n')).toHaveLength(4);
});

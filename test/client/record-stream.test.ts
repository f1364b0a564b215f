import { describe, expect, it } from 'vitest';
import type { RecordGroup, StreamQuery } from '../../src/client/record-stream.ts';
import { recordStream } from '../../src/client/record-stream.ts';
import type { FakeServer } from '../support/fake-server.ts';
import { fakeServer, lines, refusal } from '../support/fake-server.ts';

const STALLED = { error: { code: 'REQUEST_TIMED_OUT', message: 'the reader took nothing' } };
const DELETED = { error: { code: 'UNKNOWN_TOPIC_OR_PARTITION', message: 'deleted' } };

function record(offset: number) {
  return { partition: 0, offset, timestamp: 1, value: offset };
}

function open(server: FakeServer, query: Partial<StreamQuery> = {}): AsyncGenerator<RecordGroup> {
  return recordStream(
    { base: server.url, path: '/r' },
    {
      offset: 'earliest',
      follow: false,
      format: 'json',
      signal: new AbortController().signal,
      ...query,
    },
  );
}

async function read(stream: AsyncIterable<RecordGroup>): Promise<(number | string)[]> {
  const seen: (number | string)[] = [];
  try {
    for await (const group of stream) seen.push(...group.map(({ fields }) => fields.offset));
  } catch (error) {
    seen.push((error as Error).message);
  }
  return seen;
}

it('asks for lines of records from an offset on', async () => {
  const server = await fakeServer((response, request) => {
    expect(request.headers.accept).toBe('application/x-ndjson');
    return lines([record(7), record(8)])(response, request, '');
  });
  expect(await read(open(server, { offset: '-2', format: 'base64', follow: true }))).toEqual([
    7, 8,
  ]);
  expect(server.requests).toEqual(['GET /r?offset=-2&format=base64&follow=true']);
});

it('keeps each line as it was written, with every digit', async () => {
  const line = '{"partition":0,"offset":1,"timestamp":1,"value":12345678901234567890.10}';
  const server = await fakeServer((response) => void response.end(`${line}\n`));
  const groups: RecordGroup[] = [];
  for await (const group of open(server)) groups.push(group);
  expect(groups.flat().map(({ json }) => json)).toEqual([line]);
});

it('gives the records before the line that says why it ends', async () => {
  const server = await fakeServer(lines([record(0), DELETED]));
  expect(await read(open(server))).toEqual([0, 'deleted']);
  expect(server.requests).toHaveLength(1);
});

it('takes a value that looks like an error for a record', async () => {
  const server = await fakeServer(lines([{ ...record(0), value: DELETED, error: null }]));
  expect(await read(open(server))).toEqual([0]);
});

it('is told at once what is wrong with the place', async () => {
  const server = await fakeServer(refusal(416, 'OFFSET_OUT_OF_RANGE'));
  expect(await read(open(server))).toEqual(['no: OFFSET_OUT_OF_RANGE']);
});

it('finds out a server that is none of ours', async () => {
  const server = await fakeServer((response) => void response.end('<html>\n'));
  expect(await read(open(server))).toEqual([expect.stringContaining('is it the address')]);
});

describe('a stream that broke off after it gave records', () => {
  it.each([
    ['because its reader took nothing', lines([record(0), record(1), STALLED])],
    ['because the connection was lost', lines([record(0), record(1)], 'cut')],
  ])('%s is opened again behind the last', async (_, first) => {
    const server = await fakeServer(first, lines([record(2)]));
    expect(await read(open(server, { offset: '@5' }))).toEqual([0, 1, 2]);
    expect(server.requests.map((each) => /offset=([^&]*)/.exec(each)?.[1])).toEqual(['%405', '2']);
  });

  it('is not opened again when it gave none', async () => {
    for (const first of [lines([STALLED]), lines([], 'cut')]) {
      const server = await fakeServer(first);
      expect(await read(open(server))).toEqual([expect.any(String)]);
      expect(server.requests).toHaveLength(1);
    }
  });

  it('fails when the server is not there any more', async () => {
    const server = await fakeServer(async (response, request) => {
      await lines([record(0)], 'open')(response, request, '');
      setImmediate(() => void server.stop());
    });
    expect(await read(open(server))).toEqual([0, expect.stringContaining('no answer from')]);
  });
});

import { unpack } from 'msgpackr';
import { describe, expect, test } from 'vitest';
import { FetchBudget } from '../../src/broker/fetch-budget.ts';
import { Inflater } from '../../src/http/inflater.ts';
import { pageAnswer } from '../../src/http/fetch-answers.ts';
import type { PageAnswer, PageType } from '../../src/http/fetch-answers.ts';
import type { Page } from '../../src/http/fetch-page.ts';
import { ANSWER_CHUNK_BYTES } from '../../src/model/limits.ts';
import { storedValues } from '../support/stored-records.ts';

const inflater = new Inflater(new FetchBudget());

const REQUEST = {
  topic: 't',
  partition: 0,
  recordsMax: undefined,
  inflater,
  format: 'json',
} as const;

function page(more: Partial<Page> = {}): Page {
  const batches = storedValues(['0', '1', '2'], ['3', '4']);
  return { offset: 0, batches, logStartOffset: 0, highWatermark: 5, ...more };
}

function bytes(answer: PageAnswer): Buffer {
  return Buffer.concat(answer.parts);
}

interface Shown {
  readonly records: readonly { readonly offset: number }[];
  readonly next_offset: number;
}

async function shown(type: PageType, from: Page, request: object = {}): Promise<Shown> {
  const answer = await pageAnswer(type, from, { ...REQUEST, ...request });
  if (type === 'application/msgpack') return unpack(bytes(answer)) as Shown;
  const parsed = JSON.parse(bytes(answer).toString()) as Shown | Shown['records'];
  return 'records' in parsed ? parsed : { records: parsed, next_offset: answer.nextOffset };
}

const WITH_RECORDS = [
  'application/json',
  'application/msgpack',
  'application/vnd.kafka.json.v2+json',
  'application/vnd.kafka.binary.v2+json',
  'application/vnd.kafka.text.v2+json',
  'application/vnd.kafka.v2+json',
] as const;

describe.each(WITH_RECORDS)('a page of %s', (type) => {
  test('has the records from the offset on and the offset behind them', async () => {
    const { records, next_offset } = await shown(type, page({ offset: 1 }));
    expect(records.map(({ offset }) => offset)).toEqual([1, 2, 3, 4]);
    expect(next_offset).toBe(5);
  });

  test('cut in the middle of a batch goes on there', async () => {
    const { records, next_offset } = await shown(type, page({ offset: 1 }), { recordsMax: 1 });
    expect(records).toHaveLength(1);
    expect(next_offset).toBe(2);
  });

  test('shows no record below the log start', async () => {
    const { records } = await shown(type, page({ offset: 0, logStartOffset: 2 }));
    expect(records.map(({ offset }) => offset)).toEqual([2, 3, 4]);
  });

  test('may be empty', async () => {
    const empty = page({ offset: 5, batches: new Uint8Array(0) });
    expect(await shown(type, empty)).toMatchObject({ records: [], next_offset: 5 });
  });

  test('of many chunks is whole', async () => {
    const long = JSON.stringify('x'.repeat(ANSWER_CHUNK_BYTES / 3));
    const batches = storedValues([long, long, long, long], [long, long, long]);
    const { records } = await shown(type, page({ batches }));
    expect(records.map(({ offset }) => offset)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });
});

test('a page says where the log begins and ends', async () => {
  const at = page({ offset: 1, logStartOffset: 1, highWatermark: 2 ** 40 });
  const bounds = { next_offset: 5, log_start_offset: 1, high_watermark: 2 ** 40 };
  expect(await shown('application/json', at)).toMatchObject(bounds);
  const packed = (await shown('application/msgpack', at)) as object as { high_watermark: bigint };
  expect({ ...packed, high_watermark: Number(packed.high_watermark) }).toMatchObject(bounds);
});

test('batches leave as they are stored, whole', async () => {
  const answer = await pageAnswer('application/vnd.kafka.recordbatch', page({ offset: 1 }), {
    ...REQUEST,
    recordsMax: 2,
  });
  expect(bytes(answer).equals(storedValues(['0', '1', '2']))).toBe(true);
  expect(answer).toMatchObject({
    contentType: 'application/vnd.kafka.recordbatch',
    nextOffset: 3,
  });
});

test('the content type says the charset where the type has one', async () => {
  const typeOf = async (type: PageType) => (await pageAnswer(type, page(), REQUEST)).contentType;
  expect(await typeOf('application/json')).toBe('application/json; charset=utf-8');
  expect(await typeOf('application/msgpack')).toBe('application/msgpack');
  expect(await typeOf('application/vnd.kafka.v2+json')).toBe('application/vnd.kafka.v2+json');
});

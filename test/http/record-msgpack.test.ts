import { unpack } from 'msgpackr';
import { describe, expect, test } from 'vitest';
import { msgpackRecords } from '../../src/http/record-msgpack.ts';
import { storedBatch, valued, writtenBytes } from '../support/stored-records.ts';

describe('a record', () => {
  const format = msgpackRecords({ topic: 'é', partition: 300 });
  const everyByte = Buffer.from(Array.from({ length: 256 }, (_, index) => index));

  test('has the members of the JSON one, keys and values as bytes', async () => {
    const record = valued(everyByte, {
      key: Buffer.from('k'),
      timestamp: 1_780_000_000_000,
      headers: [
        { key: 'é', value: everyByte },
        { key: '', value: null },
      ],
    });
    const bytes = await writtenBytes(format, { batches: storedBatch([record]) });
    expect(unpack(bytes)).toEqual({
      topic: 'é',
      partition: 300,
      offset: 0,
      timestamp: expect.anything() as unknown,
      key: Buffer.from('k'),
      value: everyByte,
      headers: [
        { key: 'é', value: everyByte },
        { key: '', value: null },
      ],
    });
    expect(Number((unpack(bytes) as { timestamp: bigint }).timestamp)).toBe(1_780_000_000_000);
  });

  test('tells null from empty', async () => {
    const records = [valued(null), valued('', { key: Buffer.alloc(0) })];
    const [first, second] = await Promise.all(
      [0, 1].map(async (from) => {
        const span = { batches: storedBatch(records), from, recordsMax: 1 };
        return unpack(await writtenBytes(format, span)) as { key: unknown; value: unknown };
      }),
    );
    expect([first?.key, first?.value]).toEqual([null, null]);
    expect([second?.key, second?.value]).toEqual([Buffer.alloc(0), Buffer.alloc(0)]);
  });

  test.each([255, 256, 65_535, 65_536])('may have a value of %d bytes', async (length) => {
    const value = Buffer.alloc(length, 0xab);
    const bytes = await writtenBytes(format, { batches: storedBatch([valued(value)]) });
    expect((unpack(bytes) as { value: Buffer }).value.equals(value)).toBe(true);
  });
});

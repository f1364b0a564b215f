import { describe, expect, test } from 'vitest';
import { BATCH_HEADER_BYTES } from '../../src/codec/batch-header.ts';
import { BATCH_BYTES_MAX, flushStartOf, scanBatches } from '../../src/storage/batch-scan.ts';
import type { ScanEnd } from '../../src/storage/batch-scan.ts';
import type { FileHandle } from '../../src/storage/files.ts';
import { placedBatch, placedRun } from '../support/placed-batches.ts';

/** A file in memory that counts what is read and refuses to read much at once. */
function memoryFile(content: Buffer) {
  let largest = 0;
  let reads = 0;
  const file: Pick<FileHandle, 'read'> = {
    async read(into, position) {
      largest = Math.max(largest, into.length);
      reads += 1;
      return content.copy(into, 0, position, position + into.length);
    },
  };
  return {
    file: file as FileHandle,
    get largest() {
      return largest;
    },
    get reads() {
      return reads;
    },
  };
}

interface Visit {
  readonly baseOffset: number;
  readonly position: number;
  readonly bytes: number;
}

async function scan(
  content: Buffer,
  stretch: { from?: number; to?: number; offset?: number; flushStart?: number } = {},
): Promise<ScanEnd & { visits: Visit[]; largest: number; reads: number }> {
  const visits: Visit[] = [];
  const memory = memoryFile(content);
  const expectedOffset = stretch.offset ?? 0;
  const end = await scanBatches(
    memory.file,
    {
      from: stretch.from ?? 0,
      to: stretch.to ?? content.length,
      expectedOffset,
      flushStart: stretch.flushStart ?? expectedOffset,
    },
    ({ baseOffset }, position, bytes) => {
      visits.push({ baseOffset, position, bytes: bytes.length });
    },
  );
  return { ...end, visits, largest: memory.largest, reads: memory.reads };
}

describe('a scan', () => {
  test('visits every batch with its place, and ends behind the last one', async () => {
    const one = placedBatch({ baseOffset: 5, texts: ['a', 'b'] });
    const two = placedBatch({ baseOffset: 7, texts: ['c'] });
    const content = Buffer.concat([Buffer.from('xyz'), one, two]);
    expect(await scan(content, { from: 3, offset: 5 })).toMatchObject({
      visits: [
        { baseOffset: 5, position: 3, bytes: one.length },
        { baseOffset: 7, position: 3 + one.length, bytes: two.length },
      ],
      position: content.length,
      nextOffset: 8,
      flushStart: 7,
      fault: undefined,
    });
  });

  test('of nothing is the end of nothing', async () => {
    const end = { position: 0, nextOffset: 4, flushStart: 4, fault: undefined, visits: [] };
    expect(await scan(Buffer.alloc(0), { offset: 4 })).toMatchObject(end);
  });

  test('goes through a large file in bounded memory, whatever lies across its chunks', async () => {
    const parts = [placedRun(0, 4_000, 300), placedRun(4_000, 3, 900_000), placedRun(4_003, 4_000)];
    const content = Buffer.concat(parts);
    const { visits, fault, largest, reads, position } = await scan(content);
    expect([fault, visits.length, position]).toEqual([undefined, 8_003, content.length]);
    expect(largest).toBeLessThanOrEqual(1_048_576);
    expect(reads).toBeLessThan(10);
  });

  test('takes a batch that is larger than a chunk', async () => {
    const content = Buffer.concat([placedRun(0, 1), placedRun(1, 1, 3_000_000), placedRun(2, 2)]);
    const { visits, fault } = await scan(content);
    expect([fault, visits.length]).toEqual([undefined, 4]);
  });

  test('takes one that is all there is, or the last', async () => {
    const large = placedRun(0, 1, 3_000_000);
    for (const content of [large, Buffer.concat([large, placedRun(1, 1, 1_048_576)])]) {
      const { fault, position } = await scan(content);
      expect([fault, position]).toEqual([undefined, content.length]);
    }
  });

  test('ends at the first batch of a wrong offset', async () => {
    const content = Buffer.concat([placedRun(0, 2), placedRun(3, 1)]);
    expect(await scan(content)).toMatchObject({
      nextOffset: 2,
      fault: { field: 'baseOffset', expected: '2', found: '3' },
    });
  });

  test('accepts as flush start the own offset or that of the batch before, and nothing else', async () => {
    const batch = (baseOffset: number, flushStart: number): Buffer =>
      placedBatch({ baseOffset, flushStart, texts: ['x'] });
    const fine = Buffer.concat([batch(10, 8), batch(11, 8), batch(12, 12), batch(13, 12)]);
    expect(await scan(fine, { offset: 10, flushStart: 8 })).toMatchObject({
      fault: undefined,
      flushStart: 12,
    });
    expect(await scan(Buffer.concat([fine, batch(14, 13)]), { offset: 10, flushStart: 8 })).toEqual(
      expect.objectContaining({
        nextOffset: 14,
        fault: { field: 'partitionLeaderEpoch', expected: '0 or 2', found: '1' },
      }),
    );
  });

  test('cut anywhere ends behind the last whole batch and never reads on', async () => {
    const content = placedRun(0, 3);
    const each = content.length / 3;
    for (let length = 0; length < content.length; length += 1) {
      const { nextOffset, position, fault } = await scan(content.subarray(0, length));
      expect(nextOffset).toBe(Math.floor(length / each));
      expect(position).toBe(nextOffset * each);
      expect(fault === undefined).toBe(length % each === 0);
    }
  });

  test('of a file that is shorter than it was says so', async () => {
    const content = placedRun(0, 2);
    expect(await scan(content, { to: content.length + 10 })).toMatchObject({
      fault: { field: 'file length' },
    });
  });

  test('with any one bit flipped ends before the flipped batch', async () => {
    const content = placedRun(0, 3);
    const each = content.length / 3;
    for (let bit = 0; bit < content.length * 8; bit += 1) {
      const flipped = Buffer.from(content);
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      const { nextOffset, fault, visits } = await scan(flipped);
      // A leader epoch may still say a flush that could be: the records are the same.
      const isEpoch = [12, 13, 14, 15].includes((bit >> 3) % each);
      if (isEpoch && fault === undefined) {
        expect(visits).toHaveLength(3);
        continue;
      }
      expect(fault).toBeDefined();
      expect(nextOffset).toBe(Math.floor(bit / 8 / each));
    }
  });

  test('of zeros, of noise and of absurd lengths ends at once and allocates little', async () => {
    const lengths = [0, -1, -2_147_483_648, 2_147_483_647, BATCH_BYTES_MAX, 48];
    for (const length of lengths) {
      const content = Buffer.alloc(3_000_000);
      placedRun(0, 1).copy(content);
      content.writeInt32BE(length, 8);
      const { visits, largest, reads } = await scan(content);
      expect(visits).toEqual([]);
      expect(largest).toBeLessThanOrEqual(1_048_576);
      expect(reads).toBe(1);
    }
  });

  test('reads on for a length that could be true, and no further than the stretch', async () => {
    const content = Buffer.alloc(3_000_000);
    placedRun(0, 1).copy(content);
    content.writeInt32BE(2_900_000, 8);
    const { fault, largest } = await scan(content);
    expect(fault?.field).toBe('crc');
    expect(largest).toBeLessThanOrEqual(3_000_000);
  });
});

test('the flush start of a batch is its offset less its leader epoch', () => {
  const header = { baseOffset: 50, leaderEpoch: 8 } as Parameters<typeof flushStartOf>[0];
  expect(flushStartOf(header)).toBe(42);
  expect(BATCH_BYTES_MAX).toBeGreaterThan(BATCH_HEADER_BYTES);
});

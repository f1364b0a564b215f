import { describe, expect, test } from 'vitest';
import type { FileHandle } from '../../src/storage/files.ts';
import { wasDurable } from '../../src/storage/torn-tail.ts';
import { placesOf } from '../support/control-run.ts';
import { placedBatch, placedRun } from '../support/placed-batches.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { TORN_TAIL_CONTROLS } from '../support/torn-tail-controls.ts';

/** Whether a bad region that begins at this position and offset had been durable. */
function judge(
  content: Buffer,
  position: number,
  offset: number,
  fileBytes = content.length,
): Promise<boolean> {
  const file: Pick<FileHandle, 'read'> = {
    read: async (into, from) => content.subarray(from, from + into.length).copy(into),
  };
  return wasDurable(file as FileHandle, { position, offset, fileBytes });
}

/** Batches of one record, all of the flush that starts at `flushStart`. */
function flush(flushStart: number, count: number, from = flushStart): Buffer {
  return Buffer.concat(
    Array.from({ length: count }, (_, at) =>
      placedBatch({ baseOffset: from + at, flushStart, texts: [`record ${from + at}`] }),
    ),
  );
}

function spoiled(content: Buffer, at: number): Buffer {
  const copy = Buffer.from(content);
  copy[at] = (copy[at] as number) ^ 0x40;
  return copy;
}

describe('a bad region', () => {
  test('at the end of the file is torn', async () => {
    expect(await judge(Buffer.alloc(0), 0, 0)).toBe(false);
    expect(await judge(Buffer.alloc(30), 0, 0)).toBe(false);
    expect(await judge(flush(0, 1).subarray(0, 70), 0, 0)).toBe(false);
  });

  test('before batches of the same flush is torn: they were written out of order', async () => {
    const content = flush(10, 3);
    expect(await judge(spoiled(content, 30), 0, 10)).toBe(false);
    const middle = content.length / 3;
    expect(await judge(spoiled(content, middle + 30), middle, 11)).toBe(false);
  });

  test('before a batch of a later flush had been durable', async () => {
    const content = Buffer.concat([flush(10, 3), flush(13, 1)]);
    expect(await judge(spoiled(content, 30), 0, 10)).toBe(true);
    const second = flush(10, 1).length;
    expect(await judge(spoiled(content, second + 30), second, 11)).toBe(true);
  });

  test('is torn when the later flush begins at its very offset', async () => {
    // The flush before it failed and was cut back; of this one the first batch is missing.
    const content = flush(10, 2);
    expect(await judge(Buffer.concat([Buffer.alloc(40), content]), 0, 10)).toBe(false);
  });

  test('is judged by valid batches only', async () => {
    const content = Buffer.concat([flush(10, 1), flush(11, 1)]);
    const each = flush(10, 1).length;
    for (let at = each; at < content.length; at += 1) {
      const both = spoiled(spoiled(content, 30), at);
      // A flipped base offset or leader epoch stays a batch of a later flush, or of none.
      if (at < each + 16) continue;
      expect(await judge(both, 0, 10)).toBe(false);
    }
  });

  test('finds its proof wherever it stands in a large file', async () => {
    for (const distance of [1_048_515, 1_048_516, 1_048_576, 1_048_577, 2_500_000]) {
      const content = Buffer.concat([Buffer.alloc(distance), flush(99, 1)]);
      expect(await judge(content, 0, 10)).toBe(true);
      expect(await judge(content, 0, 99)).toBe(false);
    }
  });

  test('full of bytes that look like the magic one is searched in a moment', async () => {
    expect(await judge(Buffer.alloc(4_000_000, 2), 0, 0)).toBe(false);
  });

  test('with batches of any codec number, known or not, is no mistake of ours', async () => {
    const content = Buffer.concat([Buffer.alloc(10), flush(50, 1)]);
    for (let attributes = 0; attributes < 256; attributes += 1) {
      const other = Buffer.from(content);
      other.writeInt16BE(attributes, 10 + 21);
      await expect(judge(other, 0, 10)).resolves.toBe(attributes === 0);
    }
  });

  test('of noise is torn', async () => {
    const noise = Buffer.from(new SeededRandom(5).bytes(300_000));
    expect(await judge(noise, 0, 10)).toBe(false);
  });
});

test('a run of single flushes proves every region but the last', async () => {
  const content = placedRun(0, 5);
  const each = content.length / 5;
  for (const at of [0, 1, 2, 3, 4]) {
    expect(await judge(spoiled(content, at * each + 25), at * each, at)).toBe(at < 4);
  }
});

test('imitations that would cost more checksums than can be afforded count as the proof', async () => {
  const claimedBytes = 60_000_000;
  const content = Buffer.alloc(claimedBytes + 10_000);
  const imitation = flush(50, 1);
  imitation.writeInt32BE(claimedBytes - 12, 8);
  // 2^30 bytes hold 17 of them.
  for (let index = 0; index < 17; index += 1) imitation.copy(content, 10 + index * 100);
  expect(await judge(content, 0, 10)).toBe(false);
  imitation.copy(content, 10 + 17 * 100);
  expect(await judge(content, 0, 10)).toBe(true);
});

test('the search ends where a file has become shorter meanwhile', async () => {
  const content = Buffer.concat([Buffer.alloc(10), flush(50, 1)]);
  for (const bytes of [0, 5, content.length - 1]) {
    expect(await judge(content.subarray(0, bytes), 0, 10, content.length)).toBe(false);
  }
});

test('the lines that the crash tier changes to see that this is missed are still there, once', () => {
  expect(TORN_TAIL_CONTROLS.filter((each) => placesOf(each) !== 1)).toEqual([]);
});

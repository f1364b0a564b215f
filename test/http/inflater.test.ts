import { describe, expect, test } from 'vitest';
import { plainBatch } from '../../src/codec/batch-reader.ts';
import { FetchBudget } from '../../src/broker/fetch-budget.ts';
import { Inflater } from '../../src/http/inflater.ts';
import { encodedBatch, textRecord } from '../support/batches.ts';
import { CODECS, compressedBatch } from '../support/compressed-frames.ts';

const PLAIN = encodedBatch([textRecord('x'.repeat(1_000))]);
/** What one of them takes, as bytes and as text made of them. */
const TAKEN = 2 * PLAIN.length;

function compressed(text = 'x'): Buffer {
  return compressedBatch(encodedBatch([textRecord(text.repeat(1_000))]), 'zstd');
}

test('what is not compressed is given at once, and nothing is counted', () => {
  const budget = new FetchBudget();
  expect(new Inflater(budget).open(PLAIN)).toBe(PLAIN);
  expect(budget.heldBytes).toBe(0);
});

test.each(CODECS)(
  'a batch of %s is counted as it is inflated, until the answer is done with',
  async (codec) => {
    const budget = new FetchBudget();
    const inflater = new Inflater(budget);
    const batch = compressedBatch(PLAIN, codec);
    expect(await inflater.open(batch)).toEqual(await plainBatch(batch));
    expect(budget.heldBytes).toBe(TAKEN);
    await inflater.open(batch);
    expect(budget.heldBytes, 'the same once more').toBe(TAKEN);
    inflater.release();
    inflater.release();
    expect(budget.heldBytes).toBe(0);
  },
);

describe('where there is no room', () => {
  test('an answer ends that has inflated another batch before', async () => {
    const inflater = new Inflater(new FetchBudget(1.5 * TAKEN));
    expect(await inflater.open(compressed('a'))).toBeDefined();
    expect(await inflater.open(compressed('b'))).toBeUndefined();
  });

  test('an answer that has not is refused, until the others have ended', async () => {
    const budget = new FetchBudget(1.5 * TAKEN);
    const [first, second] = [new Inflater(budget), new Inflater(budget)];
    await first.open(compressed());
    await expect(second.open(compressed())).rejects.toMatchObject({
      code: 'THROTTLING_QUOTA_EXCEEDED',
      retriable: true,
    });
    first.release();
    expect(await second.open(compressed())).toBeDefined();
  });

  test('a batch that never has room is given to one alone, whatever else is held', async () => {
    const budget = new FetchBudget(TAKEN);
    budget.take(TAKEN / 2);
    expect(await new Inflater(budget).open(compressed())).toBeDefined();
  });
});

test('one that cannot be inflated does not stop those behind it', async () => {
  const inflater = new Inflater(new FetchBudget());
  const broken = compressed();
  broken.fill(0xff, 61);
  const [refused, given] = await Promise.allSettled([
    inflater.open(broken),
    inflater.open(compressed()),
  ]);
  expect(refused).toMatchObject({ reason: { code: 'CORRUPT_MESSAGE' } });
  expect(given.status).toBe('fulfilled');
});

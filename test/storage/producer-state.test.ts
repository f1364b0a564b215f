import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  INT32_MAX,
  PRODUCER_EXPIRATION_MS,
  PRODUCERS_PER_PARTITION_MAX,
} from '../../src/model/limits.ts';
import { ProducerState } from '../../src/storage/producer-state.ts';
import type { SequencedBatch } from '../../src/storage/producer-state.ts';
import { RUNS } from '../support/record-arbitraries.ts';

function batch(
  baseSequence: number,
  recordCount = 1,
  more: { id?: number; epoch?: number } = {},
): SequencedBatch {
  return {
    producerId: more.id ?? 1,
    producerEpoch: more.epoch ?? 0,
    baseSequence,
    recordCount,
  };
}

/** A state that took these batches, one after the other from offset 0. */
function stateWith(...batches: readonly SequencedBatch[]): ProducerState {
  const state = new ProducerState();
  let offset = 0;
  for (const each of batches) {
    state.add(each, offset, 0);
    offset += each.recordCount;
  }
  return state;
}

describe('sequences', () => {
  test('may begin anywhere for a producer without state', () => {
    expect(new ProducerState().duplicateOf(batch(77))).toBeUndefined();
  });

  test('go on where the last batch ended', () => {
    const state = stateWith(batch(0, 3));
    expect(state.duplicateOf(batch(3))).toBeUndefined();
    expect(() => state.duplicateOf(batch(4))).toThrow(
      expect.objectContaining({
        code: 'OUT_OF_ORDER_SEQUENCE_NUMBER',
        written: 'no',
        details: { producer_id: 1, expected: 3, received: 4 },
      }),
    );
  });

  test('wrap to 0 behind the largest int32', () => {
    expect(stateWith(batch(INT32_MAX)).duplicateOf(batch(0))).toBeUndefined();
    expect(stateWith(batch(INT32_MAX - 1, 4)).duplicateOf(batch(2))).toBeUndefined();
    expect(stateWith(batch(INT32_MAX - 1)).duplicateOf(batch(INT32_MAX))).toBeUndefined();
  });

  test('of one producer are not those of another', () => {
    const state = stateWith(batch(0), batch(50, 1, { id: 2 }));
    expect(state.duplicateOf(batch(1))).toBeUndefined();
    expect(state.duplicateOf(batch(51, 1, { id: 2 }))).toBeUndefined();
  });
});

describe('a repeated batch', () => {
  test('is recognised with its offset while it is one of the last five', () => {
    const state = stateWith(batch(0), batch(1), batch(2), batch(3), batch(4), batch(5));
    state.settle(1, 6);
    expect(() => state.duplicateOf(batch(0))).toThrow(
      expect.objectContaining({ code: 'OUT_OF_ORDER_SEQUENCE_NUMBER' }),
    );
    for (const sequence of [1, 2, 3, 4, 5]) {
      expect(state.duplicateOf(batch(sequence))).toBe(sequence);
    }
  });

  test('with another count is none', () => {
    expect(() => stateWith(batch(0, 2), batch(2)).duplicateOf(batch(0, 3))).toThrow(
      expect.objectContaining({ code: 'OUT_OF_ORDER_SEQUENCE_NUMBER' }),
    );
  });

  test('of an older epoch is refused, not recognised', () => {
    const state = stateWith(batch(0), batch(0, 1, { epoch: 1 }));
    expect(() => state.duplicateOf(batch(0))).toThrow(
      expect.objectContaining({ code: 'INVALID_PRODUCER_EPOCH', written: 'no' }),
    );
  });
});

describe('a higher epoch', () => {
  test('begins at sequence 0', () => {
    const state = stateWith(batch(0, 5));
    expect(state.duplicateOf(batch(0, 5, { epoch: 3 }))).toBeUndefined();
    expect(() => state.duplicateOf(batch(5, 1, { epoch: 1 }))).toThrow(
      expect.objectContaining({ code: 'OUT_OF_ORDER_SEQUENCE_NUMBER' }),
    );
  });

  test('is fenced no more once its batch was taken back', () => {
    const state = stateWith(batch(0), batch(0, 1, { epoch: 1 }));
    state.rollback(1);
    expect(state.duplicateOf(batch(1))).toBeUndefined();
  });
});

describe('several batches of one request', () => {
  test('build on each other, and leave no trace', () => {
    const state = stateWith(batch(0));
    state.checkInOrder([batch(1), batch(2, 3), batch(5), batch(1)]);
    expect(state.duplicateOf(batch(1))).toBeUndefined();
    expect(state.size).toBe(1);
  });

  test('are refused for the first that does not fit', () => {
    const state = stateWith(batch(0));
    expect(() => state.checkInOrder([batch(1), batch(3)])).toThrow(
      expect.objectContaining({ details: { producer_id: 1, expected: 2, received: 3 } }),
    );
    expect(() => state.checkInOrder([batch(0, 1, { id: 9 }), batch(2, 1, { id: 9 })])).toThrow(
      expect.objectContaining({ details: { producer_id: 9, expected: 1, received: 2 } }),
    );
  });
});

describe('a rollback', () => {
  test('takes back what stands at or above the offset, and producers that have nothing else', () => {
    const state = stateWith(batch(0), batch(1), batch(8, 1, { id: 2 }));
    state.rollback(1);
    expect(state.duplicateOf(batch(0))).toBe(0);
    expect(state.duplicateOf(batch(1))).toBeUndefined();
    expect(state.size).toBe(1);
  });

  test('finds the batches that were kept beyond five until they were durable', () => {
    const state = stateWith(...[0, 1, 2, 3, 4, 5, 6].map((sequence) => batch(sequence)));
    state.settle(1, 2);
    state.rollback(2);
    expect(state.duplicateOf(batch(2))).toBeUndefined();
    expect(state.duplicateOf(batch(0))).toBe(0);
  });

  test('of the first batch behind what is durable costs none of the five before it', () => {
    const state = stateWith(...[0, 1, 2, 3, 4, 5].map((sequence) => batch(sequence)));
    state.settle(1, 5);
    state.rollback(5);
    expect(state.duplicateOf(batch(0))).toBe(0);
  });
});

describe('producers', () => {
  test('are forgotten after a day of silence and not a millisecond before', () => {
    const state = stateWith(batch(0));
    state.expire(PRODUCER_EXPIRATION_MS);
    expect(state.size).toBe(1);
    state.expire(PRODUCER_EXPIRATION_MS + 1);
    expect(state.size).toBe(0);
  });

  test('beyond the bound leave, the longest silent first', () => {
    const state = new ProducerState();
    for (let id = 0; id <= PRODUCERS_PER_PARTITION_MAX; id += 1) {
      state.add(batch(0, 1, { id }), id, 0);
    }
    state.add(batch(1, 1, { id: 0 }), PRODUCERS_PER_PARTITION_MAX + 1, 0);
    state.expire(0);
    expect(state.size).toBe(PRODUCERS_PER_PARTITION_MAX);
    expect(state.duplicateOf(batch(2, 1, { id: 0 }))).toBeUndefined();
    expect(() => state.duplicateOf(batch(9, 1, { id: 2 }))).toThrow();
    expect(state.duplicateOf(batch(9, 1, { id: 1 }))).toBeUndefined();
  });
});

describe('a snapshot', () => {
  test('holds what is durable, five batches at most, and is restored in the same order', () => {
    const state = stateWith(...[0, 1, 2, 3, 4, 5, 6].map((sequence) => batch(sequence)));
    state.add(batch(0, 1, { id: 2 }), 7, 5);
    const rows = state.snapshot(7);
    expect(rows).toEqual([[1, 0, [2, 3, 4, 5, 6].map((each) => [0, each, 1, each])]]);
    const restored = ProducerState.restore(JSON.parse(JSON.stringify(rows)));
    expect(restored.snapshot(7)).toEqual(rows);
    expect(restored.duplicateOf(batch(4))).toBe(4);
  });
});

test('the state agrees with a list of all batches ever added', () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('next'), id: fc.nat(2) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('again'), id: fc.nat(2) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('bump'), id: fc.nat(2) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('rollback'), id: fc.nat(2) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('settle'), id: fc.nat(2) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const state = new ProducerState();
      let model: { batch: SequencedBatch; offset: number }[] = [];
      let end = 0;
      let durable = 0;
      const add = (one: SequencedBatch): void => {
        expect(state.duplicateOf(one)).toBeUndefined();
        state.add(one, end, 0);
        model.push({ batch: one, offset: end });
        end += one.recordCount;
      };
      for (const { kind, id } of steps) {
        const mine = model.filter((each) => each.batch.producerId === id);
        const last = mine.at(-1)?.batch;
        const next = (last?.baseSequence ?? 0) + (last?.recordCount ?? 0);
        if (kind === 'next') add(batch(next, 2, { id, epoch: last?.producerEpoch ?? 0 }));
        if (kind === 'bump') add(batch(0, 1, { id, epoch: (last?.producerEpoch ?? 0) + 1 }));
        if (kind === 'again' && last !== undefined) {
          const known = mine.filter((each) => each.batch.producerEpoch === last.producerEpoch);
          for (const each of known.slice(-5)) {
            // A batch of one record in epoch n+1 may look like one of the same sequence before.
            expect(state.duplicateOf(each.batch)).toBe(each.offset);
          }
        }
        if (kind === 'rollback') {
          state.rollback(durable);
          model = model.filter((each) => each.offset < durable);
          end = durable;
        }
        if (kind === 'settle') {
          durable = end;
          for (const each of [0, 1, 2]) state.settle(each, durable);
        }
      }
      expect(state.size).toBe(new Set(model.map((each) => each.batch.producerId)).size);
    }),
    RUNS,
  );
});

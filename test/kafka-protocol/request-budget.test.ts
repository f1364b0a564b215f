import { describe, expect, test } from 'vitest';
import { Admission, RequestBudget } from '../../src/kafka-protocol/request-budget.ts';
import { KAFKA_SMALL_REQUEST_BYTES } from '../../src/model/limits.ts';

const KIB = 1_024;

/** Connections by name, each of which asks again as soon as it may and notes what it got. */
function scene(bytesMax: number) {
  const budget = new RequestBudget(bytesMax);
  const letIn: string[] = [];
  const connection = (name: string, bytes: number) => {
    const admission: Admission = new Admission(budget, () => {
      if (admission.admit(bytes)) letIn.push(name);
    });
    return Object.assign(admission, { ask: () => admission.admit(bytes) });
  };
  return { budget, letIn, connection };
}

test('requests are let in up to the limit, then in the order they came as room is given back', () => {
  const { budget, letIn, connection } = scene(10 * KIB);
  const [a, b] = [connection('a', 4 * KIB), connection('b', 6 * KIB)];
  const [c, d] = [connection('c', 6 * KIB), connection('d', 2 * KIB)];
  expect([a.ask(), b.ask(), c.ask(), d.ask()]).toEqual([true, true, false, false]);
  a.give(4 * KIB);
  // d would fit, but c came first.
  expect(letIn).toEqual([]);
  b.give(6 * KIB);
  expect(letIn).toEqual(['c', 'd']);
  expect(budget.heldBytes).toBe(8 * KIB);
});

test('one that comes later does not overtake those who wait', () => {
  const { connection } = scene(10 * KIB);
  const [a, b] = [connection('a', 8 * KIB), connection('b', 6 * KIB)];
  expect([a.ask(), b.ask()]).toEqual([true, false]);
  expect(connection('c', 2 * KIB).ask()).toBe(false);
});

test('asking again while it waits changes nothing', () => {
  const { letIn, connection } = scene(10 * KIB);
  const [a, b] = [connection('a', 8 * KIB), connection('b', 6 * KIB)];
  expect([a.ask(), b.ask(), b.ask()]).toEqual([true, false, false]);
  a.give(8 * KIB);
  expect(letIn).toEqual(['b']);
});

test('a request larger than the whole budget is let in alone', () => {
  const { letIn, connection } = scene(10 * KIB);
  const [a, b] = [connection('a', 2 * KIB), connection('b', 50 * KIB)];
  expect([a.ask(), b.ask()]).toEqual([true, false]);
  a.give(2 * KIB);
  expect(letIn).toEqual(['b']);
});

test('a small request never waits and is not counted', () => {
  const { budget, connection } = scene(10 * KIB);
  expect(connection('a', 50 * KIB).ask()).toBe(true);
  const small = connection('b', KAFKA_SMALL_REQUEST_BYTES);
  expect(small.ask()).toBe(true);
  small.give(KAFKA_SMALL_REQUEST_BYTES);
  expect(budget.heldBytes).toBe(50 * KIB);
  expect(connection('c', KAFKA_SMALL_REQUEST_BYTES + 1).ask()).toBe(false);
});

test('one that is done as soon as it is let in makes room for the next without end of stack', () => {
  const budget = new RequestBudget(2 * KIB);
  expect(budget.tryTake(2 * KIB)).toBe(true);
  let done = 0;
  for (let turn = 0; turn < 20_000; turn++) {
    const admission: Admission = new Admission(budget, () => {
      expect(admission.admit(2 * KIB)).toBe(true);
      done += 1;
      admission.give(2 * KIB);
    });
    expect(admission.admit(2 * KIB)).toBe(false);
  }
  budget.give(2 * KIB);
  expect([done, budget.heldBytes]).toEqual([20_000, 0]);
});

describe('a connection that closes', () => {
  test('waits no more', () => {
    const { budget, letIn, connection } = scene(10 * KIB);
    const [a, b] = [connection('a', 8 * KIB), connection('b', 6 * KIB)];
    expect([a.ask(), b.ask()]).toEqual([true, false]);
    b.close();
    a.give(8 * KIB);
    expect([letIn, budget.heldBytes]).toEqual([[], 0]);
    b.close();
  });

  test('gives back what it was let in for and never asked for again', () => {
    const budget = new RequestBudget(10 * KIB);
    budget.tryTake(10 * KIB);
    const admission = new Admission(budget, () => {});
    expect(admission.admit(6 * KIB)).toBe(false);
    budget.give(10 * KIB);
    expect(budget.heldBytes).toBe(6 * KIB);
    admission.close();
    expect(budget.heldBytes).toBe(0);
  });
});

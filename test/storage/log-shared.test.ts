import { describe, expect, test } from 'vitest';
import { createLogShared } from '../../src/storage/log-shared.ts';
import { textRecord } from '../support/batches.ts';

describe('what partitions share', () => {
  test('begins with nothing counted and nothing kept', () => {
    const { counters, tail, indexes } = createLogShared();
    expect(new Set(Object.values(counters))).toEqual(new Set([0]));
    expect([tail.bytes, indexes.bytes]).toEqual([0, 0]);
  });

  test('hands out each encoding buffer to one at a time, empty', () => {
    const { writers } = createLogShared();
    const [one, other] = [writers.take(), writers.take()];
    expect(one).not.toBe(other);
    one.begin({ baseOffset: 0, leaderEpoch: 0 });
    one.add(textRecord('a'));
    one.end(-1);
    writers.give(one);
    const again = writers.take();
    expect(again).toBe(one);
    expect(again.length).toBe(0);
    expect(writers.take()).not.toBe(one);
  });

  test('keeps few idle buffers', () => {
    const { writers } = createLogShared();
    const taken = Array.from({ length: 40 }, () => writers.take());
    for (const each of taken) writers.give(each);
    const known = new Set(taken);
    const again = Array.from({ length: 40 }, () => writers.take());
    expect(again.filter((each) => known.has(each)).length).toBeLessThan(40);
  });
});

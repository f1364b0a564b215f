import { expect, test } from 'vitest';
import { Turns } from '../../src/kafka-protocol/turns.ts';

test('turns are taken one after the other, in the order they were asked for', async () => {
  const turns = new Turns();
  const taken: string[] = [];
  const take = async (name: string): Promise<() => void> => {
    const end = await turns.take();
    taken.push(name);
    return end;
  };
  const [a, b, c] = [take('a'), take('b'), take('c')];
  const endA = await a;
  expect(taken).toEqual(['a']);
  endA();
  endA();
  const endB = await b;
  expect(taken).toEqual(['a', 'b']);
  endB();
  await c;
  expect(taken).toEqual(['a', 'b', 'c']);
});

import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { jsonLines } from '../../src/client/json-lines.ts';

async function linesOf(...chunks: readonly (string | Uint8Array)[]): Promise<string[][]> {
  const source = (async function* () {
    for (const chunk of chunks) yield Buffer.from(chunk);
  })();
  const groups: string[][] = [];
  for await (const lines of jsonLines(source)) groups.push(lines);
  return groups;
}

it('gives the lines that a chunk completes together', async () => {
  expect(await linesOf('{"a":1}\n{"b":2}\n{"c"', ':3}\n')).toEqual([
    ['{"a":1}', '{"b":2}'],
    ['{"c":3}'],
  ]);
});

it('leaves heartbeats out', async () => {
  expect(await linesOf('\n', '{"a":1}\n\n', '\r\n')).toEqual([['{"a":1}']]);
});

it('counts a last line without its line feed', async () => {
  expect(await linesOf('{"a":1}\n{"b":2}')).toEqual([['{"a":1}'], ['{"b":2}']]);
});

it('gives nothing for nothing', async () => {
  expect(await linesOf()).toEqual([]);
  expect(await linesOf('')).toEqual([]);
});

it('puts a character together that two chunks share', async () => {
  const bytes = Buffer.from('{"a":"žluťoučký 🐎"}\n');
  for (let at = 0; at <= bytes.length; at += 1) {
    const groups = await linesOf(bytes.subarray(0, at), bytes.subarray(at));
    expect(groups.flat()).toEqual(['{"a":"žluťoučký 🐎"}']);
  }
});

it('gives the same lines however the bytes were cut', async () => {
  const text = '{"a":1}\n\n{"b":"x\\ny"}\n{"c":[1,2]}\n';
  const cuts = fc.array(fc.nat(text.length), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(cuts, async (places) => {
      const ends = [...places.toSorted((a, b) => a - b), text.length];
      const chunks = ends.map((end, index) => text.slice(ends[index - 1] ?? 0, end));
      const groups = await linesOf(...chunks);
      expect(groups.flat()).toEqual(['{"a":1}', '{"b":"x\\ny"}', '{"c":[1,2]}']);
      expect(groups.every((group) => group.length > 0)).toBe(true);
    }),
    { seed: 1 },
  );
});

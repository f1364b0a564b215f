import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { lineGroups } from '../../src/cli/lines.ts';

async function* chunked(chunks: readonly (string | Uint8Array)[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

async function groupsOf(chunks: readonly (string | Uint8Array)[], max = 100): Promise<string[][]> {
  const groups: string[][] = [];
  for await (const lines of lineGroups(chunked(chunks), max)) {
    groups.push(lines.map((line) => line.toString('latin1')));
  }
  return groups;
}

it('gives the lines that a chunk completes together, and waits for no more', async () => {
  expect(await groupsOf(['a\nb\nc', 'd\n', 'e\n'])).toEqual([['a', 'b'], ['cd'], ['e']]);
});

it('gives nothing for an empty input', async () => {
  expect(await groupsOf([])).toEqual([]);
  expect(await groupsOf([''])).toEqual([]);
});

it('counts a last line without its line feed', async () => {
  expect(await groupsOf(['a\nb'])).toEqual([['a'], ['b']]);
});

it('counts empty lines', async () => {
  expect(await groupsOf(['\n\na\n\n'])).toEqual([['', '', 'a', '']]);
});

it('takes CR LF for LF, also where a chunk ends between them, and leaves other CRs', async () => {
  expect(await groupsOf(['a\r\nb\rc\r', '\n\r\n', 'd\r'])).toEqual([['a'], ['b\rc', ''], ['d']]);
});

it('changes no byte of a line that is not text', async () => {
  const line = Buffer.from(
    Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => byte !== 10),
  );
  const groups = await groupsOf([line, '\n'], 1_000);
  expect(Buffer.from(groups[0]?.[0] ?? '', 'latin1')).toEqual(line);
});

it('gives the lines before one that is too long, then names it', async () => {
  const groups: string[] = [];
  const reading = async (): Promise<void> => {
    for await (const lines of lineGroups(chunked(['a\nb\n', 'c\n12345', '678901234\nd\n']), 10)) {
      groups.push(...lines.map(String));
    }
  };
  await expect(reading()).rejects.toThrow('line 4 is longer than 10 bytes');
  expect(groups).toEqual(['a', 'b', 'c']);
});

it('takes a line of exactly the length allowed', async () => {
  expect(await groupsOf(['1234567890', '\n'], 10)).toEqual([['1234567890']]);
  expect(await groupsOf(['1234567890\nabc\n1234567890\n'], 10)).toHaveLength(1);
});

it('gives the same lines however the bytes were cut', async () => {
  const text = 'a\r\n\nbb\rb\nccc\n\r\nlast';
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(text.length), { maxLength: 6 }), async (places) => {
      const ends = [...places.toSorted((a, b) => a - b), text.length];
      const chunks = ends.map((end, index) => text.slice(ends[index - 1] ?? 0, end));
      expect((await groupsOf(chunks)).flat()).toEqual(['a', '', 'bb\rb', 'ccc', '', 'last']);
    }),
    { seed: 1 },
  );
});

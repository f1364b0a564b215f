import { describe, expect, test } from 'vitest';
import {
  decodeCheckpoint,
  encodeCheckpoint,
  readCheckpoint,
  writeCheckpoint,
} from '../../src/storage/checkpoint.ts';
import type { Checkpoint } from '../../src/storage/checkpoint.ts';
import { emptyCheckpoint } from '../../src/storage/new-partition.ts';
import { contentOf } from '../support/partition-fixture.ts';
import { SimulatedFiles } from '../support/simulated-files.ts';

const CHECKPOINT: Checkpoint = {
  ...emptyCheckpoint(7),
  logStartOffset: 7,
  producers: [[1_000, 1_780_000_000_000, [[0, 0, 3, 7]]]],
};

describe('a checkpoint', () => {
  test('is read back as it was written', () => {
    expect(decodeCheckpoint(encodeCheckpoint(CHECKPOINT))).toEqual({
      kind: 'read',
      checkpoint: CHECKPOINT,
    });
  });

  test('is text: a line with its checksum and a line of JSON', () => {
    const [first, second, rest] = encodeCheckpoint(CHECKPOINT).toString().split('\n');
    expect(first).toMatch(/^millrace-checkpoint 1 [0-9a-f]{8}$/);
    expect(JSON.parse(second as string)).toEqual(CHECKPOINT);
    expect(rest).toBe('');
  });

  test('with any one bit flipped, or cut anywhere, is damaged and says how', () => {
    const content = encodeCheckpoint(CHECKPOINT);
    for (let bit = 0; bit < content.length * 8; bit += 1) {
      const flipped = Buffer.from(content);
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(decodeCheckpoint(flipped).kind).toBe('damaged');
    }
    for (let length = 0; length < content.length; length += 1) {
      expect(decodeCheckpoint(content.subarray(0, length))).toMatchObject({
        kind: 'damaged',
        expected: expect.stringMatching(/^millrace-checkpoint 1 /),
      });
    }
  });

  test('of another format version is not read', () => {
    const other = encodeCheckpoint(CHECKPOINT).toString().replace('checkpoint 1', 'checkpoint 2');
    expect(decodeCheckpoint(Buffer.from(other)).kind).toBe('damaged');
  });

  test('never shows more than a line of what was found instead', () => {
    const found = decodeCheckpoint(Buffer.alloc(1_000_000, 'x'));
    expect(JSON.stringify(found).length).toBeLessThan(300);
  });

  test('that does not exist is none', async () => {
    const files = new SimulatedFiles({ seed: 1 });
    expect(await readCheckpoint(files, '/recovery.checkpoint')).toEqual({ kind: 'none' });
  });

  test('survives a power cut as soon as it is written', async () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const files = new SimulatedFiles({ seed });
      await writeCheckpoint(files, '/recovery.checkpoint', emptyCheckpoint(1));
      await writeCheckpoint(files, '/recovery.checkpoint', CHECKPOINT);
      const after = files.crash();
      expect(await readCheckpoint(after, '/recovery.checkpoint')).toEqual({
        kind: 'read',
        checkpoint: CHECKPOINT,
      });
      expect(await contentOf(after, '/recovery.checkpoint')).toEqual(encodeCheckpoint(CHECKPOINT));
    }
  });
});

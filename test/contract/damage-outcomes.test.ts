/**
 * The outcome table of src/storage/README.md, row by row: what is damaged, how the next start takes
 * it, what is served then, and what is kept by a repair. Each row's name is its first column there.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { PartitionLog } from '../../src/storage/partition-log.ts';
import { batchesIn, recordsIn, withFlippedBit } from '../support/batches.ts';
import { recordsOf, spoiledDisk } from '../support/damage-run.ts';
import { damageSubject } from '../support/damage-subjects.ts';
import { namesIn, openLog } from '../support/partition-fixture.ts';
import { examine, repair } from '../support/repair-scene.ts';

const README = readFileSync(new URL('../../src/storage/README.md', import.meta.url), 'utf8');

/** Records 0 to 2, 3 to 6 and 7 to 9. */
const [ZERO, THREE, SEVEN] = ['0', '3', '7'].map((base) => `${base.padStart(20, '0')}.log`) as [
  string,
  string,
  string,
];
const ALL = '0123456789';

interface Row {
  readonly name: string;
  /** Stopped in order, unless the tail behind the checkpoint is what it is about. */
  readonly shape?: 'unclean' | 'indexed';
  readonly spoil: (content: (name: string) => Buffer) => [string, Buffer | undefined][];
  readonly state: 'online' | 'offline';
  /** Offsets that a reader gets who asks for each of them. */
  readonly served: string;
  /** Offsets kept by a repair; undefined where nothing is repaired. */
  readonly kept?: string;
}

const ROWS: readonly Row[] = [
  {
    name: 'bytes of a batch below the checkpoint',
    spoil: (content) => [[THREE, withFlippedBit(content(THREE), 70)]],
    state: 'online',
    served: '012789',
    kept: '0126789',
  },
  {
    name: 'the same, after a read has met it: a `.damaged` mark',
    spoil: (content) => [
      [THREE, withFlippedBit(content(THREE), 70)],
      [THREE.replace('log', 'damaged'), mark(content(THREE).length, 7)],
    ],
    state: 'offline',
    served: '012789',
    kept: '0126789',
  },
  {
    name: 'a `.damaged` mark that cannot be read',
    spoil: () => [[THREE.replace('log', 'damaged'), Buffer.from('?')]],
    state: 'offline',
    served: ALL,
    kept: ALL,
  },
  {
    name: 'a closed segment is missing',
    spoil: () => [[THREE, undefined]],
    state: 'offline',
    served: '012789',
    kept: '012789',
  },
  {
    name: 'a closed segment is shorter than it was',
    spoil: (content) => [[ZERO, content(ZERO).subarray(0, -1)]],
    state: 'offline',
    served: '013456789',
    kept: '013456789',
  },
  {
    name: 'a closed segment is longer than it was',
    spoil: (content) => [[ZERO, Buffer.concat([content(ZERO), Buffer.from('x')])]],
    state: 'offline',
    served: ALL,
    kept: ALL,
  },
  {
    name: 'two segments are swapped',
    spoil: (content) => [
      [ZERO, content(THREE)],
      [THREE, content(ZERO)],
    ],
    state: 'offline',
    served: '789',
    kept: '789',
  },
  {
    name: 'the newest segment is shorter than the checkpoint says, or missing',
    spoil: (content) => [[SEVEN, content(SEVEN).subarray(0, -1)]],
    state: 'offline',
    served: '01234567',
    kept: '01234567',
  },
  {
    name: 'a segment file that does not belong there',
    spoil: (content) => [['00000000000000000001.log', content(ZERO)]],
    state: 'offline',
    served: ALL,
    kept: ALL,
  },
  {
    name: 'bytes behind the checkpoint, with proof',
    shape: 'unclean',
    spoil: (content) => [[SEVEN, withFlippedBit(content(SEVEN), 70)]],
    state: 'offline',
    served: '0123456',
    kept: '012345689',
  },
  {
    name: 'a gap between segments behind the checkpoint',
    spoil: () => [
      [THREE, undefined],
      ['recovery.checkpoint', undefined],
    ],
    state: 'offline',
    served: '012',
    kept: '012789',
  },
  {
    name: 'bytes behind the checkpoint, no proof',
    shape: 'unclean',
    spoil: (content) => [[SEVEN, withFlippedBit(content(SEVEN), 170)]],
    state: 'online',
    served: '01234567',
  },
  {
    name: 'index files',
    spoil: () =>
      [ZERO, THREE, SEVEN].map((name) => [name.replace('log', 'index'), Buffer.from('?')]),
    state: 'online',
    served: ALL,
  },
  {
    name: 'the checkpoint',
    spoil: (content) => [
      ['recovery.checkpoint', withFlippedBit(content('recovery.checkpoint'), 60)],
    ],
    state: 'online',
    served: ALL,
  },
  {
    name: 'a `fenced` marker, `.torn` and `.tmp` files',
    spoil: () => [
      ['fenced', Buffer.alloc(0)],
      ['00000000000000000007.9.torn', Buffer.from('x')],
      ['recovery.checkpoint.tmp', Buffer.from('x')],
    ],
    state: 'online',
    served: ALL,
  },
  {
    name: 'the checkpoint and all segments are gone',
    spoil: () => [
      ...[ZERO, THREE, SEVEN].map((name): [string, undefined] => [name, undefined]),
      ['recovery.checkpoint', undefined],
    ],
    state: 'offline',
    served: '',
  },
  {
    name: 'a repair was interrupted: `repair.unfinished`',
    spoil: () => [['repair.unfinished', Buffer.from('?')]],
    state: 'offline',
    served: '',
  },
];

describe.each(ROWS)('$name', ({ name, spoil, state, served, kept, ...row }) => {
  async function disk() {
    const subject = await damageSubject(row.shape ?? 'small');
    const content = (file: string): Buffer => Buffer.from(subject.files.get(file) ?? []);
    return { subject, disk: spoiledDisk(subject, new Map(spoil(content))) };
  }

  test('is in the table', () => {
    expect(README).toContain(`| ${name} `);
  });

  test(`is ${state} at the start and serves ${served || 'nothing'}`, async () => {
    const { subject, disk: files } = await disk();
    const log = await openLog(files, subject);
    expect(log.state).toBe(state);
    expect((await readable(log)).join('')).toBe(served);
  });

  test(kept === undefined ? 'needs no repair, or has none' : `is repaired to ${kept}`, async () => {
    const { subject, disk: files } = await disk();
    if (kept === undefined) {
      const { findings } = await examine(files, subject);
      const damage = findings.filter(({ severity }) => severity === 'damage');
      expect(damage.length > 0).toBe(state === 'offline');
      return;
    }
    await repair(files, subject);
    const log = await openLog(files, subject);
    expect([log.state, [...(await recordsOf(log)).keys()].join('')]).toEqual(['online', kept]);
    expect(await namesIn(files)).toContain('set-aside-1');
  });
});

/** The offsets of which a reader gets the record, asking for each. */
async function readable(log: PartitionLog): Promise<number[]> {
  const offsets: number[] = [];
  for (let offset = 0; offset < 10; offset += 1) {
    const bytes = await Promise.resolve()
      .then(() => log.read(offset, 1))
      .catch((error: unknown) => error);
    if (!Buffer.isBuffer(bytes)) continue;
    for (const batch of batchesIn(bytes)) {
      if ((await recordsIn(batch)).some((record) => record.offset === offset)) offsets.push(offset);
    }
  }
  return offsets;
}

function mark(bytes: number, endOffset: number): Buffer {
  const facts = { position: 0, field: 'crc', expected: 'a', found: 'b' };
  return Buffer.from(JSON.stringify({ ...facts, bytes, endOffset }));
}

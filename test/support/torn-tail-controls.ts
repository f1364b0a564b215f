/**
 * What tells a torn tail from damage, line by line: with any one of these changed, the test that is
 * named must fail, be it that a crash is taken for damage or damage for a crash.
 */
import type { TestControl } from './control-run.ts';

const RULE = 'src/storage/torn-tail.ts';
const RECOVERY = 'test/storage/recovery.test.ts';

export const TORN_TAIL_CONTROLS: readonly TestControl[] = [
  {
    name: 'every bad tail taken for damage',
    file: RULE,
    from: 'return proof !== undefined;',
    to: 'return true;',
    test: [RECOVERY, 'of every length is cut'],
  },
  {
    name: 'damage taken for a torn tail',
    file: RULE,
    from: 'return proof !== undefined;',
    to: 'return false;',
    test: [RECOVERY, 'by a flipped bit anywhere but in the last flush'],
  },
  {
    name: 'any batch behind it taken for the proof, also one of the same flush',
    file: RULE,
    from: 'baseOffsetAt(buffer, at) - leaderEpochAt(buffer, at) > region.offset',
    to: 'baseOffsetAt(buffer, at) > region.offset',
    test: [RECOVERY, 'whose flush of three batches was written out of order'],
  },
  {
    name: 'a flush that begins at the very offset taken for the proof',
    file: RULE,
    from: '> region.offset',
    to: '>= region.offset',
    test: ['test/storage/torn-tail.test.ts', 'is torn when the later flush begins'],
  },
  {
    name: 'batches that do not say where their flush began',
    file: 'src/storage/pending-flush.ts',
    from: 'leaderEpoch: baseOffset - flushStart',
    to: 'leaderEpoch: 0',
    test: [RECOVERY, 'whose flush of three batches was written out of order'],
  },
  {
    name: 'a bad end taken for torn though a further segment was begun',
    file: 'src/storage/recovery-tail.ts',
    from: '(proven || later.length > 0)',
    to: 'proven',
    test: ['test/storage/recovery-tail.test.ts', 'is damaged when it ends before a later'],
  },
  {
    name: 'a flush start that fits nothing',
    file: 'src/storage/batch-scan.ts',
    from: 'if (started !== batch.baseOffset && started !== flushStart) {',
    to: 'if (started < 0) {',
    test: ['test/storage/batch-scan.test.ts', 'accepts as flush start the own offset'],
  },
];

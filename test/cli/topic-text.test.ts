import { describe, expect, it } from 'vitest';
import { table, topicText } from '../../src/cli/topic-text.ts';
import type { PartitionAnswer } from '../../src/client/client.ts';

const ONLINE: PartitionAnswer = {
  partition: 0,
  beginning_offset: 5,
  end_offset: 12,
  bytes: 1_024,
  state: 'online',
};

function textOf(...partitions: PartitionAnswer[]): string {
  const configs = { 'retention.ms': '1000', 'segment.bytes': '1073741824' };
  return topicText({ name: 'orders', topic_id: 'id-1', configs, partitions });
}

describe('a topic', () => {
  it('is its name, a table of its partitions and its configs', () => {
    const grown = { ...ONLINE, partition: 10, end_offset: 1_000_005 };
    expect(textOf(ONLINE, grown)).toBe(
      [
        'orders  (id id-1)',
        '',
        'partition  first offset  next offset  records  bytes   state',
        '        0             5           12        7   1024  online',
        '       10             5      1000005  1000000   1024  online',
        '',
        'retention.ms   1000',
        'segment.bytes  1073741824',
        '',
      ].join('\n'),
    );
  });

  it('tells of each partition that is not online why', () => {
    const text = textOf(
      ONLINE,
      { ...ONLINE, partition: 1, state: 'offline', reason: 'crc should be 1, found 2' },
      { ...ONLINE, partition: 2, state: 'read-only' },
    );
    expect(text).toContain('\npartition 1 is offline: crc should be 1, found 2\n');
    expect(text).toContain('\npartition 2 is read-only: no reason is known\n');
    expect(text).toMatch(/ offline$/m);
  });

  it('lets no reason move the cursor', () => {
    expect(textOf({ ...ONLINE, state: 'offline', reason: '\u001b[2J' })).toContain('\\x1b[2J');
  });
});

describe('a table', () => {
  it('is aligned to either side, without spaces at the ends of lines', () => {
    const rows = [
      ['a', 'bbb'],
      ['cc', 'd'],
    ];
    expect(table(rows, 'left')).toEqual(['a   bbb', 'cc  d']);
    expect(table(rows, 'right')).toEqual([' a  bbb', 'cc    d']);
    expect(table(rows, ['left', 'right'])).toEqual(['a   bbb', 'cc    d']);
    expect(table([], 'left')).toEqual([]);
  });
});

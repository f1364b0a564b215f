import { describe, expect, it } from 'vitest';
import {
  assignmentText,
  groupsText,
  groupText,
  lagText,
  resetText,
} from '../../src/cli/group-text.ts';
import type { GroupAnswer, PartitionLag } from '../../src/client/group-answers.ts';

const GROUP: GroupAnswer = {
  group: 'billing',
  state: 'Stable',
  protocol_type: 'consumer',
  protocol: 'range',
  generation: 12,
  leader: 'http-1',
  members: [],
};

function lines(...all: string[]): string {
  return all.map((line) => `${line}\n`).join('');
}

describe('a group', () => {
  it('is its facts and a table of its members', () => {
    const common = { client_host: '/127.0.0.1', group_instance_id: null };
    const text = groupText({
      ...GROUP,
      members: [
        {
          ...common,
          member_id: 'http-1',
          client_id: 'http',
          assignment: [
            { topic: 'orders', partitions: [0, 2] },
            { topic: 'clicks', partitions: [1] },
          ],
        },
        { ...common, member_id: 'rdkafka-2', client_id: '', assignment: [] },
      ],
    });
    expect(text).toBe(
      lines(
        'billing',
        '',
        'state       Stable',
        'generation  12',
        'assignor    range',
        'leader      http-1',
        '',
        'member     instance  client  host        partitions',
        'http-1     -         http    /127.0.0.1  orders [0, 2], clicks [1]',
        'rdkafka-2  -         -       /127.0.0.1  -',
      ),
    );
  });

  it('may have no members', () => {
    const text = groupText({ ...GROUP, state: 'Empty', protocol: '', leader: '' });
    expect(text).toContain('\nassignor    -\nleader      -\n\nno members\n');
  });

  it('lets nobody move the cursor, or add a line', () => {
    const member = {
      member_id: 'a\nb',
      group_instance_id: '\u001b[2J',
      client_id: 'a\tb',
      client_host: '\u009b',
      assignment: [],
    };
    const text = groupText({ ...GROUP, members: [member] });
    expect(text.split('\n').at(-2)).toBe('a b     \\x1b[2J   a b     \\x9b  -');
  });
});

describe('lag', () => {
  const partition: PartitionLag = {
    topic: 'orders',
    partition: 0,
    current_offset: 5,
    log_end_offset: 1_005,
    lag: 1_000,
    lag_seconds: 3.14,
    owner: 'http-1',
    client_id: 'http',
  };
  const sums = { total_lag: 1_001, max_lag: 1_000, max_lag_seconds: 75.5 };

  it('is a table of partitions and their sums', () => {
    const silent = { ...partition, partition: 10, lag: 1, lag_seconds: 75.5, owner: null };
    const unread = { ...partition, partition: 11, current_offset: null, lag_seconds: null };
    expect(
      lagText({
        group: 'g',
        state: 'Stable',
        partitions: [partition, silent, unread],
        ...sums,
      }),
    ).toBe(
      lines(
        'g  (Stable)',
        '',
        'topic   partition  next offset  end offset   lag  seconds  owner',
        'orders          0            5        1005  1000      3.1  http-1',
        'orders         10            5        1005     1       76  -',
        'orders         11            -        1005  1000        -  http-1',
        '',
        '1,001 records behind, at most 1,000 records in a partition, the oldest 76 s old',
      ),
    );
  });

  it('may be none at all', () => {
    const none = { total_lag: 0, max_lag: 0, max_lag_seconds: null };
    expect(lagText({ group: 'g', state: 'Empty', partitions: [], ...none })).toBe(
      lines('g  (Empty)', '', 'nothing is read and nothing committed', '', '0 records behind'),
    );
  });
});

describe('a reset', () => {
  const partitions = [
    { partition: 0, before: 105, after: 5 },
    { partition: 1, before: null, after: 5 },
    { partition: 2, before: 5, after: 105 },
    { partition: 3, before: 5, after: 5 },
  ];

  it('shows each partition before and after', () => {
    expect(resetText({ group: 'g', topic: 't', dry_run: false, partitions })).toBe(
      lines(
        'partition of t  before  after  change',
        '             0     105      5    -100',
        '             1       -      5       -',
        '             2       5    105    +100',
        '             3       5      5       0',
        '',
        'moved g',
      ),
    );
  });
});

it('a reset says where it could not go as far as it was told', () => {
  const partitions = [{ partition: 3, before: 5, after: 9, clamped: true }];
  expect(resetText({ group: 'g', topic: 't', dry_run: true, partitions })).toContain(
    '\n\npartition 3: 9 is as far as its log goes\nnothing was changed',
  );
});

it('all groups are a table, and none are nothing', () => {
  expect(groupsText([])).toBe('');
  expect(groupsText([GROUP])).toBe(lines('group    state   type', 'billing  Stable  consumer'));
});

it('an assignment is topics with their partitions', () => {
  expect(assignmentText([{ topic: 'a', partitions: [0, 1] }])).toBe('a [0, 1]');
  expect(assignmentText([])).toBe('');
});

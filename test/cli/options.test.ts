import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import {
  delimiterOption,
  integerOption,
  pairOption,
  partitionsOption,
  resetOption,
  startOption,
} from '../../src/cli/options.ts';

describe('an integer', () => {
  it.each(['0', '7', '007', '9007199254740991'])('may be %s', (text) => {
    expect(integerOption(0)(text)).toBe(Number(text));
  });

  it.each(['', '-1', '1.5', '1e3', '0x10', ' 1', 'one', '9007199254740993'])(
    'is not %j',
    (text) => {
      expect(() => integerOption(0)(text)).toThrow(InvalidArgumentError);
    },
  );

  it('may not be below its least', () => {
    expect(() => integerOption(1)('0')).toThrow('It must be an integer from 1.');
  });
});

describe('a delimiter', () => {
  it.each([
    [':', ':'],
    ['\\t', '\t'],
    ['\\n', '\n'],
    ['\\0', '\0'],
    ['::', '::'],
    ['→', '→'],
  ])('%j is %j', (text, expected) => {
    expect(delimiterOption(text)).toBe(expected);
  });

  it.each(['', '123456789'])('is not %j', (text) => {
    expect(() => delimiterOption(text)).toThrow(InvalidArgumentError);
  });
});

describe('a pair', () => {
  it('is split at the first equals sign, and joins those before it', () => {
    const read = pairOption('a=b');
    const first = read('x=1');
    expect(read('y=a=b', first)).toEqual([
      { name: 'x', value: '1' },
      { name: 'y', value: 'a=b' },
    ]);
    expect(read('x=')).toEqual([{ name: 'x', value: '' }]);
  });

  it.each(['x', '=1', ''])('is not %j', (text) => {
    expect(() => pairOption('a=b')(text)).toThrow('It must look like a=b.');
  });
});

describe('a start', () => {
  it.each(['0', '42', '-5', 'earliest', 'latest', '@1795240800000'])(
    '%s goes to the server as it is',
    (text) => {
      expect(startOption(text)).toBe(text);
    },
  );

  it.each([
    ['2026-11-21', '2026-11-21T00:00:00Z'],
    ['2026-11-21T06:00', '2026-11-21T06:00:00Z'],
    ['2026-11-21 06:00:01', '2026-11-21T06:00:01Z'],
    ['2026-11-21T06:00:00.25Z', '2026-11-21T06:00:00.250Z'],
    ['2026-11-21T06:00:00+02:00', '2026-11-21T04:00:00Z'],
    ['@2026-11-21T06:00:00Z', '2026-11-21T06:00:00Z'],
    ['2028-02-29', '2028-02-29T00:00:00Z'],
  ])('%s is a time, in UTC unless it says otherwise', (text, expected) => {
    expect(startOption(text)).toBe(`@${Date.parse(expected)}`);
  });

  it.each([
    '',
    'yesterday',
    'apples 5',
    'Nov 21 2026',
    '2026-02-30',
    '2027-02-29T00:00:00Z',
    '2026-11-21T25:00',
    '2026-13-01',
    '1960-01-01',
    '@',
    '@-5',
    '+5',
    '1.5',
    '12345678901234567',
  ])('is not %j', (text) => {
    expect(() => startOption(text)).toThrow(InvalidArgumentError);
  });
});

describe('where a group is moved', () => {
  it.each([
    ['earliest', 'earliest'],
    ['latest', 'latest'],
    ['0', { offset: 0 }],
    ['42', { offset: 42 }],
    ['+5', { shift: 5 }],
    ['-5', { shift: -5 }],
    ['@1795240800000', { timestamp: 1_795_240_800_000 }],
    ['2026-11-21T06:00', { timestamp: Date.parse('2026-11-21T06:00:00Z') }],
    ['@2026-11-21', { timestamp: Date.parse('2026-11-21') }],
  ])('%s', (text, expected) => {
    expect(resetOption(text)).toEqual(expected);
  });

  it.each(['', 'yesterday', '+', '+-5', '1.5', '@', '1234567890123456', '+1234567890123456'])(
    'is not %j',
    (text) => {
      expect(() => resetOption(text)).toThrow(InvalidArgumentError);
    },
  );
});

describe('partitions', () => {
  it.each([
    ['0', [0]],
    ['0,2', [0, 2]],
    ['2,0,2', [2, 0]],
  ])('%s', (text, expected) => {
    expect(partitionsOption(text)).toEqual(expected);
  });

  it.each(['', ',', '0,', '0 1', '-1', '1.5', 'all', '1234567890'])('are not %j', (text) => {
    expect(() => partitionsOption(text)).toThrow(InvalidArgumentError);
  });
});

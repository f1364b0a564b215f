import { expect, test } from 'vitest';
import {
  chosenProtocol,
  metadataFor,
  ProtocolCounts,
  sameProtocols,
} from '../../../src/broker/local/group-protocols.ts';
import { offering } from '../../support/played-group.ts';

const knowing = (...names: string[]) => ({ protocols: offering(...names) });

function countsOf(...voters: readonly ReturnType<typeof knowing>[]): ProtocolCounts {
  const counts = new ProtocolCounts();
  for (const voter of voters) counts.add(voter);
  return counts;
}

test('each votes for the first of its own that all know, and most votes win', () => {
  const voters = [knowing('a', 'b', 'c'), knowing('c', 'b'), knowing('x', 'c', 'b')];
  const common = countsOf(...voters).common(3);
  expect(common.toSorted()).toEqual(['b', 'c']);
  expect(chosenProtocol(voters, common)).toBe('c');
});

test('of equal ones the vote of the earlier member counts', () => {
  expect(chosenProtocol([knowing('b', 'a'), knowing('a', 'b')], ['a', 'b'])).toBe('b');
});

test('a protocol is common when all know it, however often one names it', () => {
  const counts = countsOf(knowing('a', 'a'), knowing('b'));
  expect(counts.common(2)).toEqual([]);
  expect(counts.agree(offering('a'), 2)).toBe(false);
  counts.remove(knowing('b'));
  expect(counts.agree(offering('a'), 1)).toBe(true);
  counts.remove(knowing('a', 'a'));
  expect(counts.names()).toEqual([]);
});

test('what a member offered before does not count when it offers something else', () => {
  const [one, other] = [knowing('a', 'b'), knowing('a', 'c')];
  const counts = countsOf(one, other);
  expect(counts.agree(offering('c'), 2, one)).toBe(true);
  expect(counts.agree(offering('b'), 2, one)).toBe(false);
});

test('protocols are the same when names, order and bytes are', () => {
  expect(sameProtocols(offering('a', 'b'), offering('a', 'b'))).toBe(true);
  expect(sameProtocols(offering('a', 'b'), offering('b', 'a'))).toBe(false);
  expect(sameProtocols(offering('a', 'b'), offering('a'))).toBe(false);
  const other = [{ name: 'a', metadata: Buffer.from('else') }];
  expect(sameProtocols(offering('a'), other)).toBe(false);
});

test('a member says nothing for a protocol that it does not know', () => {
  expect(Buffer.from(metadataFor(offering('a'), 'a')).toString()).toBe('topics');
  expect(metadataFor(offering('a'), 'b')).toHaveLength(0);
});

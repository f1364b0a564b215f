import { describe, expect, test } from 'vitest';
import { parsePattern } from '../../src/membership/pattern-syntax.ts';
import type { PatternNode } from '../../src/membership/pattern-syntax.ts';
import { refusalOf } from '../support/refusal.ts';

/** The tree in words. */
function shown(node: PatternNode): string {
  switch (node.kind) {
    case 'character':
      return [...node.accepts.keys()]
        .filter((code) => node.accepts[code] === 1)
        .map((code) => String.fromCharCode(code))
        .join('');
    case 'sequence':
      return `(${node.nodes.map((each) => shown(each)).join(' ')})`;
    case 'choice':
      return node.nodes.map((each) => shown(each)).join(' or ');
    case 'repeat':
      return `${shown(node.node)}*${node.least}..${node.most}`;
    default:
      return node.kind;
  }
}

describe('a topic pattern is read as', () => {
  test.each([
    ['ab', '(a b)'],
    ['a|b|', '(a) or (b) or ()'],
    ['^(a|b)$', '(start (a) or (b) end)'],
    ['a*b+c?', '(a*0..Infinity b*1..Infinity c*0..1)'],
    ['a{2}b{2,}c{2,4}?', '(a*2..2 b*2..Infinity c*2..4)'],
    ['[a-d_-]', '(-_abcd)'],
    ['[\\d.]\\.', '(.0123456789 .)'],
    ['(?:a)]}', '((a) ] })'],
  ])('%s: %s', (pattern, tree) => {
    expect(shown(parsePattern(pattern))).toBe(tree);
  });
});

describe('refused is a topic pattern', () => {
  test.each([
    ['(?=a)b', 'a group that is not plain', 0],
    ['a(?!b)', 'a group that is not plain', 1],
    ['(?<n>a)', 'a group that is not plain', 0],
    ['(?i)a', 'a group that is not plain', 0],
    ['(a)\\1', 'the escape "\\1"', 3],
    ['a\\b', 'the escape "\\b"', 1],
    ['\\Qa\\E', 'the escape "\\Q"', 0],
    ['\\p{L}', 'the escape "\\p"', 0],
    ['a*+', 'a possessive quantifier', 2],
    ['a**', 'a "*" with nothing to repeat', 2],
    ['*.orders', 'a "*" with nothing to repeat', 0],
    ['^*', 'a "*" with nothing to repeat', 1],
    ['a{2}{3}', 'a "{" with nothing to repeat', 4],
    ['{orders,refunds}', 'a "{" with nothing to repeat', 0],
    ['a{x}', 'a "{" that begins no', 1],
    ['a{,3}', 'a "{" that begins no', 1],
    ['a{3,2}', 'bounds are the wrong way round', 1],
    ['(a', 'a "(" that is not closed', 0],
    ['a)', 'a ")" that closes nothing', 1],
    ['[a', 'a "[" that is not closed', 0],
    ['[]', 'an empty class', 0],
    ['[a[b]]', 'a class in a class', 2],
    ['[a&&b]', 'an intersection of classes', 2],
    ['[z-a]', 'a range that does not go', 1],
    ['[\\d-z]', 'a range that does not go', 1],
    ['a\\', 'a "\\" with nothing behind it', 1],
    ['caf\u{e9}', 'no topic name can hold', 3],
    ['a\n', 'no topic name can hold', 1],
  ])('%j, naming what is wrong and where', (pattern, what, position) => {
    const { code, message, details } = refusalOf(() => parsePattern(pattern));
    expect(code).toBe('INVALID_REQUEST');
    expect(details).toEqual({ field: 'topic_pattern', position });
    expect(message).toContain(what);
    expect(message).toContain(`at position ${position};`);
  });
});

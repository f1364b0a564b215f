import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { elementTexts } from '../../src/client/json-elements.ts';

describe('the elements of an array', () => {
  it.each([
    ['{"records":[]}', []],
    ['{"records":[ ]}', []],
    ['{}', []],
    ['{"records":[1]}', ['1']],
    ['{"records":[12345678901234567890, 1.10]}', ['12345678901234567890', '1.10']],
    ['{"records":[{"b":1,"1":[2,{}]},[],"a,]"]}', ['{"b":1,"1":[2,{}]}', '[]', '"a,]"']],
    ['{"records":["\\\\","\\"]","\\\\\\""],"x":[9]}', ['"\\\\"', '"\\"]"', '"\\\\\\""']],
    ['{"x":"records","y":[1],"records":[2]}', ['2']],
    ['{"x":{"records":[1]},"y":[["records",[3]]],"records":[2]}', ['2']],
    ['{"records":{"records":[1]}}', []],
    ['{"records":"none"}', []],
  ])('of %s are %j', (json, elements) => {
    JSON.parse(json);
    expect(elementTexts(json, 'records')).toEqual(elements);
  });

  it('are a line each, whatever stands between their tokens', () => {
    expect(elementTexts('{"r":[{"a":\r\n1}\n,\n2\n]}', 'r')).toEqual(['{"a":  1}', '2']);
  });

  it('are what a parser finds', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.jsonValue(), fc.nat(3), (records, other, indent) => {
        const json = JSON.stringify({ before: other, records, after: other }, null, indent);
        const found = elementTexts(json, 'records').map((text) => JSON.parse(text) as unknown);
        expect(JSON.stringify(found)).toBe(JSON.stringify(records));
      }),
      { seed: 4 },
    );
  });
});

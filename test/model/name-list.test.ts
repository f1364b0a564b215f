import { expect, test } from 'vitest';
import { memberFault, NameList } from '../../src/model/name-list.ts';

function listed(...names: readonly string[]): NameList {
  const list = new NameList();
  for (const name of names) list.add(() => name);
  return list;
}

test('ten names are shown, and how many more there are', () => {
  const names = Array.from({ length: 12 }, (_, index) => `n${index}`);
  expect(listed(...names.slice(0, 10)).text).toMatch(/"n9"$/);
  expect(listed(...names).text).toMatch(/"n9" and 2 more$/);
});

test('a name that is not shown is never spelled', () => {
  const list = listed(...Array.from('abcdefghij'));
  list.add(() => expect.fail('it was spelled'));
  expect(list.text).toMatch(/ and 1 more$/);
});

test('a fault names what is unknown, what is known, and what is there twice', () => {
  const known = ['key', 'value'];
  const none = listed();
  expect(memberFault(known, none, none)).toBeUndefined();
  expect(memberFault(known, listed('x', 'y'), none)).toBe(
    'has unknown members: "x", "y"; known are key, value',
  );
  expect(memberFault(known, none, listed('key'))).toBe('has members given twice: "key"');
  expect(memberFault(known, listed('x'), listed('key'))).toBe(
    'has unknown members: "x"; known are key, value; it has members given twice: "key"',
  );
});

import { describe, expect, test } from 'vitest';
import { MemberScan, isMember, memberName } from '../../src/http/json-members.ts';

const NAMES = ['key', 'value', 'key_base64'];

function scanned(text: string): { members: Map<string, string>; fault: string | undefined } {
  const bytes = Buffer.from(text);
  const scan = new MemberScan(NAMES);
  expect(scan.scan(bytes, 0, 0, false)).toBe(bytes.length);
  const found = NAMES.flatMap((name, index): [string, string][] =>
    scan.has(index) ? [[name, bytes.toString('utf8', scan.starts[index], scan.ends[index])]] : [],
  );
  return { members: new Map(found), fault: scan.fault };
}

describe('a member scan', () => {
  test('finds values whatever their order and the white space', () => {
    expect(scanned('{ "value" : [1, {"key": 2}] ,\n"key":"a" }')).toEqual({
      members: new Map([
        ['key', '"a"'],
        ['value', '[1, {"key": 2}]'],
      ]),
      fault: undefined,
    });
    expect(scanned('{}')).toEqual({ members: new Map(), fault: undefined });
    expect(scanned('{ }').members.size).toBe(0);
  });

  test('knows a name whose letters are escaped', () => {
    expect(scanned('{"va\\u006cue":1,"\\u006bey":2}').members).toEqual(
      new Map([
        ['key', '2'],
        ['value', '1'],
      ]),
    );
  });

  test('takes no name for a longer or a shorter one', () => {
    expect(scanned('{"ke":1,"keys":2,"key_base6":3}')).toEqual({
      members: new Map(),
      fault: 'has unknown members: "ke", "keys", "key_base6"; known are key, value, key_base64',
    });
  });

  test('names members given twice, also when one is escaped', () => {
    expect(scanned('{"key":1,"k\\u0065y":2}').fault).toBe('has members given twice: "key"');
    expect(scanned('{"a":0,"key":1,"key":2}').fault).toBe(
      'has unknown members: "a"; known are key, value, key_base64; it has members given twice: "key"',
    );
  });

  test('names __proto__ like any other', () => {
    expect(scanned('{"__proto__":{}}').fault).toContain('"__proto__"');
  });

  test('shows ten names of many, each cut to a size', () => {
    const text = JSON.stringify(
      Object.fromEntries(
        Array.from({ length: 12 }, (_, index) => [`m${index}${'x'.repeat(99)}`, 1]),
      ),
    );
    const { fault = '' } = scanned(text);
    expect(fault).toContain('and 2 more');
    expect(fault.length).toBeLessThan(1_100);
  });

  test('forgets what the object before it had', () => {
    const scan = new MemberScan(NAMES);
    scan.scan(Buffer.from('{"key":1,"key":2,"a":3}'), 0, 0, false);
    expect(scan.fault).toBeDefined();
    scan.scan(Buffer.from('{"value":1}'), 0, 0, false);
    expect([scan.has(0), scan.has(1), scan.fault]).toEqual([false, true, undefined]);
  });
});

test('a name is compared and read as what its escapes stand for', () => {
  const bytes = Buffer.from('"r\\u0065cords"');
  expect(isMember(bytes, 0, 'records')).toBe(true);
  expect(isMember(bytes, 0, 'record')).toBe(false);
  expect(memberName(bytes, 0)).toBe('records');
  expect(isMember(Buffer.from('"record"'), 0, 'records')).toBe(false);
});

test('an escape that spells no letter of the name is another name', () => {
  for (const text of ['"r\\necords"', '"r\\u0066cords"', '"records\\u0000"', '"r\\"']) {
    expect(isMember(Buffer.from(text), 0, 'records')).toBe(false);
  }
});

test('a name of millions of escapes is told apart at its first letter', () => {
  const bytes = Buffer.from(`"${'\\u0061'.repeat(2_000_000)}"`);
  const started = performance.now();
  for (let time = 0; time < 1_000; time++) expect(isMember(bytes, 0, 'key')).toBe(false);
  expect(performance.now() - started).toBeLessThan(1_000);
});

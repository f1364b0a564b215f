import { describe, expect, test } from 'vitest';
import { encodeMsgpack } from '../../src/codec/msgpack.ts';
import { MsgpackMembers } from '../../src/codec/msgpack-members.ts';
import { scanMsgpack } from '../../src/codec/msgpack-scan.ts';
import { MsgpackWalk } from '../../src/codec/msgpack-walk.ts';

/** A map of these names, as often as they are there, with their index as value. */
function mapOf(names: readonly string[]): Buffer {
  const head = Buffer.from([0xdf, 0, 0, names.length >> 8, names.length & 255]);
  const entries = names.flatMap((name, index) => [encodeMsgpack(name), encodeMsgpack(index)]);
  return Buffer.concat([head, ...entries]);
}

/** The bytes, scanned, in a list before a 42. */
function walkTo(bytes: Buffer): MsgpackWalk {
  const list = Buffer.concat([Buffer.of(0x92), bytes, Buffer.of(42)]);
  scanMsgpack(list);
  const walk = new MsgpackWalk(list);
  walk.takeCount();
  return walk;
}

function faultOf(names: readonly string[]): string | undefined {
  const members = new MsgpackMembers(['key', 'value']);
  const walk = walkTo(mapOf(names));
  members.scan(walk);
  const fault = members.fault(walk);
  // Wherever it looked, the walk stands behind the map.
  expect(walk.takeNumber()).toBe(42);
  return fault;
}

describe('members', () => {
  test('are found in any order, and the walk goes on behind the map', () => {
    const members = new MsgpackMembers(['key', 'value', 'headers']);
    const walk = walkTo(encodeMsgpack({ headers: [[], {}], key: 'a' }));
    members.scan(walk);
    const end = walk.at;
    expect(members.moveTo(walk, 0)).toBe('str');
    expect(walk.takeText()).toBe('a');
    expect(members.moveTo(walk, 1)).toBeUndefined();
    expect(members.moveTo(walk, 2)).toBe('list');
    expect(walk.takeCount()).toBe(2);
    walk.at = end;
    expect(walk.takeNumber()).toBe(42);
  });

  test('of a map are forgotten with the next one', () => {
    const members = new MsgpackMembers(['key', 'value']);
    const bad = walkTo(mapOf(['key', 'key', 'x']));
    members.scan(bad);
    expect(members.fault(bad)).toBeDefined();
    const empty = walkTo(mapOf([]));
    members.scan(empty);
    expect(members.fault(empty)).toBeUndefined();
    expect(members.moveTo(empty, 0)).toBeUndefined();
  });
});

describe('a fault', () => {
  test('is none where all is as it should be', () => {
    expect(faultOf([])).toBeUndefined();
    expect(faultOf(['value', 'key'])).toBeUndefined();
  });

  test('names what is unknown and what is given twice', () => {
    expect(faultOf(['vaule', 'key', 'kéy'])).toBe(
      'has unknown members: "vaule", "kéy"; known are key, value',
    );
    expect(faultOf(['key', 'value', 'key', 'key'])).toBe('has members given twice: "key", "key"');
    expect(faultOf(['x', 'key', 'key'])).toBe(
      'has unknown members: "x"; known are key, value; it has members given twice: "key"',
    );
  });

  test('names ten, and says how many more there are', () => {
    const names = Array.from({ length: 300 }, (_, index) => `n${index}`);
    expect(faultOf(names.slice(0, 10))).toContain('"n8", "n9"; known are');
    expect(faultOf(names.slice(0, 11))).toContain('"n8", "n9" and 1 more; known are');
    expect(faultOf(names)).toContain('"n8", "n9" and 290 more; known are');
    expect(faultOf(Array.from({ length: 12 }, () => 'key'))).toMatch(/"key" and 1 more$/);
  });

  test('shows a long name in part', () => {
    expect(faultOf(['x'.repeat(1_000)])).toBe(
      `has unknown members: "${'x'.repeat(80)}..."; known are key, value`,
    );
  });
});

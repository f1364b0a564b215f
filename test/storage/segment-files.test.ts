import { expect, test } from 'vitest';
import {
  baseOffsetOfLogName,
  baseOffsetOfName,
  logPath,
  offsetIndexPath,
  timeIndexPath,
  tornPath,
  baseOffsetOfDamagedName,
  baseOffsetOfDeletedName,
  damagedPath,
  deletedPath,
} from '../../src/storage/segment-files.ts';

test('the files of a segment have its first offset in twenty digits', () => {
  expect(logPath('/p', 42)).toBe('/p/00000000000000000042.log');
  expect(offsetIndexPath('/p', 42)).toBe('/p/00000000000000000042.index');
  expect(timeIndexPath('/p', 42)).toBe('/p/00000000000000000042.timeindex');
  expect(tornPath('/p', 42, 7168)).toBe('/p/00000000000000000042.7168.torn');
  expect(logPath('/p', Number.MAX_SAFE_INTEGER)).toBe('/p/00009007199254740991.log');
});

test('names are read back, and other names are none', () => {
  expect(baseOffsetOfLogName('00000000000000000042.log')).toBe(42);
  expect(baseOffsetOfLogName('00009007199254740991.log')).toBe(Number.MAX_SAFE_INTEGER);
  for (const name of [
    '00000000000000000042.index',
    '42.log',
    '000000000000000000042.log',
    '00000000000000000042.log.tmp',
    '00000000000000000042.7168.torn',
    '0000000000000000004x.log',
    'a00000000000000000042.log',
    '99999999999999999999.log',
    '00009007199254740993.log',
    'recovery.checkpoint',
    '',
  ]) {
    expect(baseOffsetOfLogName(name)).toBeUndefined();
  }
});

test('a segment that left on a full disk is known by its name', () => {
  expect(deletedPath('/p', 42)).toBe('/p/00000000000000000042.log.deleted');
  expect(baseOffsetOfDeletedName('00000000000000000042.log.deleted')).toBe(42);
  expect(baseOffsetOfDeletedName('00000000000000000042.log')).toBeUndefined();
  expect(baseOffsetOfDeletedName('00000000000000000042.index.deleted')).toBeUndefined();
  expect(baseOffsetOfName('00000000000000000042.log.deleted')).toBeUndefined();
});

test('a mark of damage is known by its name, and no other thing that was kept aside is one', () => {
  expect(damagedPath('/p', 42)).toBe('/p/00000000000000000042.damaged');
  expect(baseOffsetOfDamagedName('00000000000000000042.damaged')).toBe(42);
  expect(baseOffsetOfDamagedName('00000000000000000042.log')).toBeUndefined();
  expect(baseOffsetOfDamagedName('recovery.checkpoint.damaged')).toBeUndefined();
});

test('what belongs to a segment is told from other files by its name too', () => {
  for (const suffix of ['log', 'index', 'timeindex', 'damaged']) {
    expect(baseOffsetOfName(`00000000000000000042.${suffix}`)).toBe(42);
  }
  expect(baseOffsetOfName('00000000000000000042.7168.torn')).toBeUndefined();
  expect(baseOffsetOfName('00000000000000000042.timeindex.tmp')).toBeUndefined();
});

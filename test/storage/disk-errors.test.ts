import { describe, expect, test } from 'vitest';
import { MillraceError } from '../../src/model/errors.ts';
import {
  assertDiskError,
  certainly,
  isDiskError,
  lacksDescriptor,
  messageOf,
  UncertainError,
} from '../../src/storage/disk-errors.ts';
import { fileError } from '../support/file-error.ts';

describe('a step that must not fail half way', () => {
  test('gives what it gives', async () => {
    expect(await certainly('the sync failed', Promise.resolve(5))).toBe(5);
  });

  test('leaves the disk uncertain when it fails, and says what failed and how', async () => {
    const cause = fileError('ENOSPC', 'fdatasync', '/a');
    await expect(certainly('the sync of /a failed', Promise.reject(cause))).rejects.toMatchObject({
      name: 'UncertainError',
      message: "the sync of /a failed: ENOSPC: simulated, fdatasync '/a'",
      code: 'ENOSPC',
      cause,
    });
  });

  test('tells of the first failure when it is made of others', async () => {
    const inner = certainly('inner', Promise.reject(fileError('EIO', 'fsync', '/a')));
    await expect(certainly('outer', inner)).rejects.toThrow(/^inner/);
  });
});

test('errors of the disk are told from mistakes of ours', () => {
  expect(isDiskError(fileError('EIO', 'read', '/a'))).toBe(true);
  expect(isDiskError(fileError('ENOENT', 'open', '/a'))).toBe(true);
  expect(isDiskError(new UncertainError('fenced', undefined))).toBe(true);
  for (const other of [
    new TypeError('x'),
    Object.assign(new Error('x'), { code: 'ERR_ASSERTION' }),
    Object.assign(new RangeError('x'), { code: 'ERR_OUT_OF_RANGE' }),
    new MillraceError('DISK_FULL', 'x'),
    'EIO',
    undefined,
  ]) {
    expect(isDiskError(other)).toBe(false);
  }
});

test('a call that got no descriptor is told from one that has failed', () => {
  for (const code of ['EMFILE', 'ENFILE']) {
    const error = fileError(code, 'open', '/a');
    expect(lacksDescriptor(error)).toBe(true);
    expect(lacksDescriptor(new UncertainError('the sync of /a failed', error))).toBe(true);
  }
  expect(lacksDescriptor(fileError('EIO', 'fsync', '/a'))).toBe(false);
  expect(lacksDescriptor('EMFILE')).toBe(false);
});

test('who handles what a disk does throws a mistake of ours on as it is', () => {
  expect(() => assertDiskError(fileError('EIO', 'read', '/a'))).not.toThrow();
  const mistake = new TypeError('x');
  expect(() => assertDiskError(mistake)).toThrow(mistake);
});

test('anything thrown has a message', () => {
  expect(messageOf(new Error('why'))).toBe('why');
  expect(messageOf('because')).toBe('because');
  expect(messageOf(undefined)).toBe('undefined');
});

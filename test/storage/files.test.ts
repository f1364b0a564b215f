import { expect, test } from 'vitest';
import { hasErrorCode } from '../../src/storage/files.ts';
import { fileError } from '../support/file-error.ts';

test('an error of the file system is known by its code', () => {
  expect(hasErrorCode(fileError('ENOENT', 'open', '/a'), 'ENOENT')).toBe(true);
  expect(hasErrorCode(fileError('ENOENT', 'open', '/a'), 'EEXIST')).toBe(false);
});

test('what is no error has no code', () => {
  for (const thrown of [{ code: 'ENOENT' }, 'ENOENT', undefined, null, new Error('ENOENT')]) {
    expect(hasErrorCode(thrown, 'ENOENT')).toBe(false);
  }
});

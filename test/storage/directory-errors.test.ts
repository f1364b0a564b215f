import { expect, test } from 'vitest';
import { MillraceError } from '../../src/model/errors.ts';
import { unusableDirectory } from '../../src/storage/directory-errors.ts';
import { fileError } from '../support/file-error.ts';

test.each([
  ['EACCES', 'this user may not write there'],
  ['EROFS', 'the file system is read-only'],
  ['ENOTDIR', 'a part of the path is a file'],
  ['ENOSPC', 'the disk is full'],
  ['EMFILE', 'this process has too many files open'],
  ['ENFILE', 'this machine has too many files open'],
])('%s says why and what to do', (code, reason) => {
  const cause = fileError(code, 'mkdir', '/a/b/c');
  const error = unusableDirectory('/a/b', cause);
  expect(error).toBeInstanceOf(MillraceError);
  expect(error).toMatchObject({
    code: 'DATA_DIRECTORY_UNUSABLE',
    message: `data directory /a/b cannot be used: ${reason} (/a/b/c); mend that, or choose another with --data-dir`,
    details: { directory: '/a/b', path: '/a/b/c', code },
    cause,
  });
});

test('the path is named once', () => {
  const error = unusableDirectory('/a', fileError('EACCES', 'mkdir', '/a'));
  expect((error as Error).message).toContain('may not write there; mend');
});

test('other errors stay what they are', () => {
  const known = new MillraceError('DATA_DIRECTORY_IN_USE', 'x');
  const others = [known, new TypeError('x'), fileError('EBADF', 'read', '/a'), 'x', undefined];
  for (const other of others) expect(unusableDirectory('/a', other)).toBe(other);
});

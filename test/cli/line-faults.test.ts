import { describe, expect, it } from 'vitest';
import { isTooLargeTogether, isUnwritten, lineFaultOf } from '../../src/cli/line-faults.ts';
import { ServerError, UnreachableError } from '../../src/client/server-error.ts';
import { MillraceError } from '../../src/model/errors.ts';

function refusal(more: object, code = 'INVALID_RECORD'): ServerError {
  return new ServerError({ code, message: 'refused', ...more });
}

describe('isUnwritten', () => {
  const refused = Object.assign(new Error('refused'), { syscall: 'connect' });

  it.each([
    ['a refusal that says so', refusal({ written: 'no' }), true],
    ['a failure of which the server does not know', refusal({ written: 'unknown' }), false],
    ['an answer that says nothing of it', refusal({}), false],
    ['a connection that never stood', new UnreachableError('http://h', refused), true],
    ['a connection that broke', new UnreachableError('http://h', new Error('reset')), false],
    ['what was refused before it was sent', new MillraceError('INVALID_CONFIG', 'no'), true],
    ['a mistake of the program', new TypeError('x'), false],
  ])('%s: %s', (_, error, expected) => {
    expect(isUnwritten(error)).toBe(expected);
  });
});

describe('lineFaultOf', () => {
  it('finds the first bad record, wherever it stands in the list', () => {
    const bad = [
      { record: 9, field: 'records[9]', message: 'is late' },
      { record: 4, field: 'records[4]', message: 'is early' },
    ];
    expect(lineFaultOf(refusal({ details: { bad_records: bad } }))).toEqual({
      index: 4,
      message: 'is early',
    });
  });

  it('names the part of the record', () => {
    const bad = [{ record: 0, field: 'records[0].headers[1]', message: 'is too long' }];
    expect(lineFaultOf(refusal({ details: { bad_records: bad } }))?.message).toBe(
      '(headers[1]) is too long',
    );
  });

  it('is the one line of a body that is too large', () => {
    const error = refusal({ written: 'no' }, 'BODY_TOO_LARGE');
    expect(isTooLargeTogether(error)).toBe(true);
    expect(lineFaultOf(error)).toEqual({ index: 0, message: 'is too long: refused' });
  });

  it.each([refusal({}), refusal({ details: { bad_records: 'x' } }), new TypeError('x')])(
    'is nothing where no line is named (%#)',
    (error) => {
      expect(isTooLargeTogether(error)).toBe(false);
      expect(lineFaultOf(error)).toBeUndefined();
    },
  );
});

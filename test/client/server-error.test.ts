import { describe, expect, it } from 'vitest';
import {
  isErrorBody,
  notMillrace,
  ServerError,
  UnreachableError,
} from '../../src/client/server-error.ts';

const URL = 'http://host:1';

describe('ServerError', () => {
  it('has what the body says, and careful defaults for what it does not', () => {
    const details = { limit: 1 };
    expect(
      new ServerError({ code: 'A', message: 'm', retriable: true, written: 'no', details }),
    ).toMatchObject({ code: 'A', message: 'm', retriable: true, written: 'no', details });
    expect(new ServerError({ code: 'A', message: 'm' })).toMatchObject({
      retriable: false,
      written: undefined,
      details: {},
    });
  });
});

describe('isErrorBody', () => {
  it.each([
    [{ code: 'A', message: 'm' }, true],
    [{ code: 'A' }, false],
    [{ code: 1, message: 'm' }, false],
    [null, false],
    ['text', false],
    [undefined, false],
  ])('%j: %s', (value, expected) => {
    expect(isErrorBody(value)).toBe(expected);
  });
});

describe('notMillrace', () => {
  it('asks about the address', () => {
    expect(notMillrace(URL, 'said hello').message).toBe(
      'http://host:1 said hello; is it the address of a Millrace server?',
    );
  });
});

describe('UnreachableError', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { syscall: 'connect' });
  const unknown = Object.assign(new Error('getaddrinfo ENOTFOUND'), { syscall: 'getaddrinfo' });
  const slow = Object.assign(new Error('slow'), { code: 'UND_ERR_CONNECT_TIMEOUT' });
  const reset = Object.assign(new Error('read ECONNRESET'), { syscall: 'read' });

  it.each([refused, unknown, slow, new Error('bad port')])(
    '%s: nothing can have arrived',
    (cause) => {
      const error = new UnreachableError(URL, new TypeError('fetch failed', { cause }));
      expect(error.mayHaveArrived).toBe(false);
      expect(error.message).toBe(`no answer from ${URL}: ${cause.message}`);
    },
  );

  it('from a connection that broke may have arrived', () => {
    const error = new UnreachableError(URL, new TypeError('terminated', { cause: reset }));
    expect(error.mayHaveArrived).toBe(true);
    expect(error.message).toBe(`lost the connection to ${URL}: read ECONNRESET`);
  });

  it('tells the first reason when every address of a name was tried', () => {
    const cause = new AggregateError([refused, reset], 'all failed');
    expect(new UnreachableError(URL, cause).message).toContain('connect ECONNREFUSED');
  });

  it('bears with a cause that is no error', () => {
    expect(new UnreachableError(URL, 'odd').message).toBe(`lost the connection to ${URL}: odd`);
  });
});

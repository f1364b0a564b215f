import { describe, expect, it } from 'vitest';
import { CommandFailure, endingOf, Interruption, UsageError } from '../../src/cli/exit.ts';
import { ServerError, UnreachableError } from '../../src/client/server-error.ts';
import { MillraceError } from '../../src/model/errors.ts';

function refusedConnection(): Error {
  return Object.assign(new Error('connect ECONNREFUSED'), { syscall: 'connect' });
}

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: went wrong`), { code });
}

describe('the ending of', () => {
  it.each([
    ['a refusal', new ServerError({ code: 'INVALID_CONFIG', message: 'no' }), 1],
    ['a missing topic', new ServerError({ code: 'UNKNOWN_TOPIC_OR_PARTITION', message: 'no' }), 3],
    ['a missing group', new ServerError({ code: 'GROUP_ID_NOT_FOUND', message: 'no' }), 3],
    ['a stopping server', new ServerError({ code: 'SHUTTING_DOWN', message: 'no' }), 4],
    ['a refusal of our own', new MillraceError('INVALID_TOPIC_EXCEPTION', 'no'), 1],
  ])('%s names its code', (_, error, exitCode) => {
    expect(endingOf(error)).toEqual({ exitCode, message: `no (${error.code})` });
  });

  it('wrong usage is 2', () => {
    expect(endingOf(new UsageError('both'))).toEqual({ exitCode: 2, message: 'both' });
  });

  it('a command that says so itself is its own', () => {
    expect(endingOf(new CommandFailure(3, 'gone'))).toEqual({ exitCode: 3, message: 'gone' });
  });

  it('a server that is not there says how to start one', () => {
    const { exitCode, message } =
      endingOf(new UnreachableError('http://h', refusedConnection())) ?? {};
    expect(exitCode).toBe(4);
    expect(message).toMatch(
      /^no answer from http:\/\/h: .*; is the server running\? \(millrace serve/,
    );
  });

  it('a connection that broke does not', () => {
    const broken = new UnreachableError('http://h', new Error('other side closed'));
    expect(endingOf(broken)).toEqual({
      exitCode: 4,
      message: 'lost the connection to http://h: other side closed',
    });
  });

  it('a pipe whose reader has enough is a good one, without a word', () => {
    expect(endingOf(systemError('EPIPE'))).toEqual({ exitCode: 0 });
  });

  it.each(['ENOENT', 'EISDIR', 'ENOSPC', 'E2BIG'])("%s is told in the system's words", (code) => {
    expect(endingOf(systemError(code))).toEqual({ exitCode: 1, message: `${code}: went wrong` });
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s is counted as shells do', (signal, exitCode) => {
    expect(endingOf(new Interruption(signal))).toEqual({ exitCode });
  });

  it.each([new TypeError('x'), systemError('ERR_INVALID_ARG_TYPE'), 'text', undefined])(
    'a mistake of the program (%s) is none: it is thrown',
    (error) => {
      expect(endingOf(error)).toBeUndefined();
    },
  );
});

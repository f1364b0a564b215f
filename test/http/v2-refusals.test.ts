import { expect, test } from 'vitest';
import { illegalState, instanceNotFound, rebalancing } from '../../src/http/v2-refusals.ts';

test('an instance that is not there is named, however long its name is', () => {
  const error = instanceNotFound({ group: 'g', name: 'x'.repeat(10_000) });
  expect([error.status, error.errorCode]).toEqual([404, 40403]);
  expect(error.message.length).toBeLessThan(300);
  expect(error.details).toEqual({ group: 'g', instance: 'x'.repeat(255) });
});

test('what is not possible now says whose state it is', () => {
  const error = illegalState({ group: 'g', name: 'a' }, 'sleeps', { topic: 't' });
  expect([error.status, error.errorCode]).toEqual([409, 40903]);
  expect(error.message).toBe('consumer instance "a" of group "g" sleeps');
  expect(error.details).toEqual({ group: 'g', instance: 'a', topic: 't' });
});

test('a commit without a generation can be tried again', () => {
  const error = rebalancing({ group: 'g', name: 'a' });
  expect([error.code, error.retriable, error.written]).toEqual([
    'REBALANCE_IN_PROGRESS',
    true,
    'no',
  ]);
});

import { expect, it } from 'vitest';
import { silentLog } from '../../src/model/log.ts';

it('the silent log takes every level and says nothing', () => {
  for (const level of ['debug', 'info', 'warn', 'error'] as const) {
    expect(silentLog[level]({ fact: 1 }, 'message')).toBeUndefined();
  }
});

import { expect, test } from 'vitest';
import { CONNECTION_LIMITS } from '../../src/http/connection-limits.ts';
import { testApp } from '../support/http-app.ts';

test('the limits fit together: each is found soon after it has passed', () => {
  const { headersTimeoutMs, requestTimeoutMs, checkIntervalMs, keepAliveMs } = CONNECTION_LIMITS;
  expect(headersTimeoutMs).toBeLessThan(requestTimeoutMs);
  expect(checkIntervalMs).toBeLessThan(headersTimeoutMs / 4);
  expect(keepAliveMs).toBeGreaterThan(headersTimeoutMs);
});

test('the server is given all of them', () => {
  const { server } = testApp().app;
  expect(server).toMatchObject({
    headersTimeout: CONNECTION_LIMITS.headersTimeoutMs,
    requestTimeout: CONNECTION_LIMITS.requestTimeoutMs,
    keepAliveTimeout: CONNECTION_LIMITS.keepAliveMs,
  });
});

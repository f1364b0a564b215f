import { expect, test } from 'vitest';
import { testApp } from '../support/http-app.ts';

test('the routes are those of the documented interface', () => {
  const served = testApp()
    .app.counters.routes.filter(({ method }) => method !== 'HEAD')
    .map(({ method, route }) => `${method} ${route}`);
  expect(new Set(served)).toEqual(
    new Set([
      'GET /',
      'GET /health/live',
      'GET /health/ready',
      'GET /metrics',
      'GET /openapi.json',
      'GET /docs',
      'GET /topics',
      'GET /topics/:topic',
      'PUT /topics/:topic',
      'PATCH /topics/:topic',
      'DELETE /topics/:topic',
      'DELETE /topics/:topic/records',
      'GET /topics/:topic/partitions',
      'GET /topics/:topic/partitions/:partition',
      'GET /topics/:topic/partitions/:partition/offsets',
      'DELETE /topics/:topic/partitions/:partition/records',
      'POST /topics/:topic',
      'POST /topics/:topic/partitions/:partition',
      'POST /producers',
      'GET /topics/:topic/partitions/:partition/records',
      'GET /topics/:topic/partitions/:partition/records/:offset',
      'GET /topics/:topic/records',
      'GET /groups',
      'GET /groups/:group',
      'DELETE /groups/:group',
      'GET /groups/:group/lag',
      'GET /groups/:group/offsets',
      'POST /groups/:group/offsets',
      'POST /groups/:group/offsets/reset',
      'POST /groups/:group/members',
      'POST /groups/:group/members/:member/fetch',
      'GET /groups/:group/members/:member/records',
      'POST /groups/:group/members/:member/heartbeat',
      'DELETE /groups/:group/members/:member',
    ]),
  );
});

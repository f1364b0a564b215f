import type { RouteOptions } from 'fastify';
import { expect, test } from 'vitest';
import { testApp } from '../support/http-app.ts';

test('the serving application keeps no description and checks nothing by it', async () => {
  const { app } = testApp({
    routes: (it) => {
      it.addHook('onRoute', (route: RouteOptions) => {
        expect(route.schema).toBeUndefined();
      });
      const querystring = { type: 'object', required: ['x'] };
      it.get('/described', { schema: { querystring } }, () => ({ fine: true }));
    },
  });
  expect((await app.inject('/described')).json()).toEqual({ fine: true });
  expect(app.validatorCompiler).toBeUndefined();
  expect(app.serializerCompiler).toBeUndefined();
});

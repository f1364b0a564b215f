import { beforeEach, expect, test } from 'vitest';
import { PRODUCER_NAME_LENGTH_MAX } from '../../src/model/limits.ts';
import type { Ask } from '../support/conformance.ts';
import { conformingAsk } from '../support/conformance.ts';
import { testApp } from '../support/http-app.ts';

let ask: Ask;

beforeEach(() => {
  ask = conformingAsk(testApp().app);
});

function init(payload?: object | string) {
  return ask({ method: 'POST', url: '/producers', ...(payload === undefined ? {} : { payload }) });
}

test('without a name each producer is a new one', async () => {
  const first = (await init()).json();
  const second = (await init({})).json();
  const third = (await init({ name: null })).json();
  expect(new Set([first, second, third].map((each) => each.producer_id)).size).toBe(3);
  expect([first, second, third].map((each) => each.producer_epoch)).toEqual([0, 0, 0]);
});

test('a name keeps its id and raises its epoch with each call', async () => {
  const first = (await init({ name: 'importer' })).json();
  expect((await init({ name: 'importer' })).json()).toEqual({
    producer_id: first.producer_id,
    producer_epoch: first.producer_epoch + 1,
  });
  const other = (await init({ name: '__proto__' })).json();
  expect(other.producer_id).not.toBe(first.producer_id);
});

test.each([
  [{ name: 7 }, 'name must be a string or null'],
  [{ name: ['a'] }, 'name must be a string or null'],
  [{ nam: 'a' }, 'the body has unknown members: "nam"; known are name'],
  [{ name: '' }, 'has 0 characters; 1 to 255 are allowed'],
  [{ name: 'x'.repeat(PRODUCER_NAME_LENGTH_MAX + 1) }, 'has 256 characters; 1 to 255 are allowed'],
  [[1], 'the body must be a JSON object'],
])('%j is refused', async (body, message) => {
  const answer = await init(body);
  expect(answer.statusCode).toBe(400);
  expect(answer.json().message).toContain(message);
});

test('takes no parameters, and no form', async () => {
  expect((await ask({ method: 'POST', url: '/producers?name=a' })).statusCode).toBe(400);
  const form = await ask({
    method: 'POST',
    url: '/producers',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: 'name=a',
  });
  expect(form.statusCode).toBe(415);
});

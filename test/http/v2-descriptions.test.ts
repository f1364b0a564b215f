import { expect, test } from 'vitest';
import * as descriptions from '../../src/http/v2-descriptions.ts';
import { parseCurl } from '../support/curl.ts';
import { createV2, v2App } from '../support/v2-app.ts';

test('every example can be sent, one after the other', async () => {
  const v2 = await v2App();
  await v2.broker.createTopic({ name: 'flights' });
  const {
    CREATE_CONSUMER,
    SUBSCRIBE,
    SUBSCRIPTION,
    READ_CONSUMER,
    COMMIT,
    COMMITTED,
    SEEK,
    SEEK_BEGINNING,
    SEEK_END,
    UNSUBSCRIBE,
    ASSIGN,
    ASSIGNMENT,
    DELETE_CONSUMER,
    ...others
  } = descriptions;
  expect(others).toEqual({});
  const statuses: number[] = [];
  for (const description of [
    CREATE_CONSUMER,
    SUBSCRIBE,
    SUBSCRIPTION,
    COMMIT,
    COMMITTED,
    SEEK,
    SEEK_BEGINNING,
    SEEK_END,
    UNSUBSCRIBE,
    ASSIGN,
    ASSIGNMENT,
    DELETE_CONSUMER,
  ]) {
    const source = description['x-curl'].replaceAll('{base}', 'http://localhost:8082');
    for (const request of parseCurl(source)) statuses.push((await v2.ask(request)).statusCode);
  }
  expect(statuses).toEqual([200, 204, 200, 200, 200, 204, 204, 204, 204, 204, 200, 204]);
  const source = READ_CONSUMER['x-curl'].replaceAll('{base}', 'http://localhost:8082');
  const consumer = await createV2(v2, 'my-consumer', {}, 'alerts');
  await consumer.subscribe('flights');
  for (const request of parseCurl(source)) expect((await v2.ask(request)).json()).toEqual([]);
});

test('a query has the parameters that its route takes', async () => {
  const v2 = await v2App();
  const { at } = await createV2(v2, 'a');
  for (const [path, description] of [
    ['/records', descriptions.READ_CONSUMER],
    ['/offsets', descriptions.COMMITTED],
  ] as const) {
    const answer = await v2.ask(`${at}${path}?unheard_of=1`);
    const described = Object.keys(description.querystring?.['properties'] as object);
    expect(answer.json().details.allowed).toEqual(described);
  }
  for (const path of ['/subscription', '/assignments']) {
    expect((await v2.ask(`${at}${path}?x=1`)).json().details.allowed).toEqual([]);
  }
});

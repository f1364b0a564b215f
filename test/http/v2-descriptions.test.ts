import { expect, test } from 'vitest';
import * as descriptions from '../../src/http/v2-descriptions.ts';
import { parseCurl } from '../support/curl.ts';
import { createV2, v2App } from '../support/v2-app.ts';

test.each(Object.entries(descriptions))(
  'the example of %s does what it says',
  async (_, described) => {
    const v2 = v2App();
    await v2.broker.createTopic({ name: 'flights' });
    await v2.produce('flights', 0, 1);
    const source = described['x-curl'].replaceAll('{base}', 'http://localhost:8082');
    for (const request of parseCurl(source)) {
      const { statusCode, body } = await v2.ask(request);
      expect(statusCode, body).toBeLessThan(300);
    }
  },
);

test('a query has the parameters that its route takes', async () => {
  const v2 = v2App();
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

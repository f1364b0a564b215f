/**
 * Requests that end in the middle, at every byte there is. That an open connection ends too hangs
 * on `connectionsCheckingInterval` in `app.ts`: see `hostile-controls.ts`.
 */
import { expect, test } from 'vitest';
import { encodedBatch, textRecord } from '../support/batches.ts';
import type { ListeningApp } from '../support/http-app.ts';
import { listeningApp } from '../support/http-app.ts';
import { expectServed, head, hear } from '../support/hostile-peer.ts';

/** Short enough for a test, in the proportions of the real ones. */
const HASTY = { headersTimeoutMs: 150, requestTimeoutMs: 300, checkIntervalMs: 25 };

const JSON_BODY = '{"records":[{"key":"k","value":{"a":1}}]}';
const BATCH = encodedBatch([textRecord('x')]);
const TO = 'POST /topics/t/partitions/0 HTTP/1.1';

const REQUESTS: readonly (readonly [string, Buffer])[] = [
  ['JSON', withBody('application/json', Buffer.from(JSON_BODY))],
  ['a record batch', withBody('application/vnd.kafka.recordbatch', BATCH)],
  [
    'a body in chunks',
    Buffer.from(
      head(TO, 'Host: localhost', 'Content-Type: text/plain', 'Transfer-Encoding: chunked') +
        '3;ext=1\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: x\r\n\r\n',
    ),
  ],
];

function withBody(type: string, body: Buffer): Buffer {
  const length = `Content-Length: ${body.length}`;
  const lines = head(TO, 'Host: localhost', `Content-Type: ${type}`, length);
  return Buffer.concat([Buffer.from(lines), body]);
}

/** Every cut at once, each on a connection of its own. */
async function cutEverywhere(
  { port, broker }: ListeningApp,
  whole: Buffer,
  isLast: boolean,
): Promise<void> {
  const cuts = Array.from({ length: whole.length }, (_, at) => whole.subarray(0, at));
  const heard = await Promise.all(cuts.map((cut) => hear(port, cut, { isLast })));
  for (const [at, { statuses }] of heard.entries()) {
    expect(statuses.length, `cut at ${at}`).toBeLessThanOrEqual(1);
    expect([400, 408, undefined], `cut at ${at}`).toContain(statuses[0]);
  }
  expect(await broker.listOffset('t', 0, 'latest')).toMatchObject({ offset: 0 });
}

test.each(REQUESTS)(
  '%s, cut off at any byte, is no record, and nobody else notices',
  async (_, whole) => {
    await using server = await listeningApp({ limits: { ...HASTY, keepAliveMs: 150 } });
    await server.broker.createTopic({ name: 't' });
    const served = expectServed(server);
    await cutEverywhere(server, whole, true);
    await served;
    // With the connection left open it is the time that is over.
    await Promise.all([cutEverywhere(server, whole, false), expectServed(server)]);
    // The whole request is one.
    expect((await hear(server.port, whole)).statuses).toEqual([200]);
    expect(await server.broker.listOffset('t', 0, 'latest')).toMatchObject({ offset: 1 });
  },
);

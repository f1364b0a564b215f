/** What a real Kafka broker wrote is taken as it is, and is the same records in every form. */
import { expect, test } from 'vitest';
import { batchesIn } from '../support/batches.ts';
import { postBatches, readInEveryForm } from '../support/http-readings.ts';
import {
  plainBatches,
  recordedSegment,
  recordsOfCalls,
  segmentCalls,
  transactionalBatches,
} from '../support/recorded-segment.ts';
import { startServerProcess } from '../support/server-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const TOPIC = 'from-kafka';

test('a segment of Kafka, with every codec and idempotent producers, reads back as what was written', async () => {
  const server = await startServerProcess(await temporaryDirectory());
  const at = { url: server.url, topic: TOPIC };
  const segment = await recordedSegment();
  expect((await postBatches(at, plainBatches(segment))).status).toBe(200);
  const expected = recordsOfCalls(segmentCalls(TOPIC).slice(0, -1));
  for (const [form, records] of Object.entries(await readInEveryForm(at))) {
    expect(records, form).toEqual(expected);
  }
  // The producers' sequences came along: what they send again is not stored again.
  const idempotent = plainBatches(segment).at(-1) as Buffer;
  expect(await (await postBatches(at, [idempotent])).json()).toMatchObject({ duplicate: true });

  const transactional = transactionalBatches(segment);
  expect(transactional).toHaveLength(2);
  for (const batch of transactional) {
    const answer = await postBatches(at, [batch]);
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({
      code: 'UNSUPPORTED_FOR_MESSAGE_FORMAT',
      written: 'no',
    });
  }
  // One batch that is refused refuses all.
  expect((await postBatches(at, batchesIn(segment))).status).toBe(422);
  expect((await readInEveryForm(at))['JSON']).toEqual(expected);
  expect(await server.stop()).toBe(0);
});

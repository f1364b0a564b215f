import { describe, expect, test } from 'vitest';
import type { Caller } from '../../src/kafka-protocol/answer-frame.ts';
import { answerFrame } from '../../src/kafka-protocol/answer-frame.ts';
import { KAFKA_REQUEST_BYTES_MAX } from '../../src/model/limits.ts';
import { callerOf, kafkaParts } from '../support/kafka-face.ts';
import type { WireRequest } from '../support/kafka-wire.ts';
import { answerBody, requestFrame, wholeFrame } from '../support/kafka-wire.ts';
import { refusalOf } from '../support/refusal.ts';

const { context, broker } = kafkaParts();
const caller = callerOf(context);

/** Without its size, as a connection hands it over. */
const frameOf = (request: WireRequest): Buffer => requestFrame(request).subarray(4);

async function answer(request: WireRequest): Promise<Buffer> {
  return wholeFrame(await answerFrame(frameOf(request), caller));
}

function refusal(request: WireRequest, from: Caller = caller) {
  return refusalOf(() => answerFrame(frameOf(request), from));
}

test('an answer carries its size, the number of its request and the body', async () => {
  const request = { key: 18, version: 0, correlationId: 77 };
  const frame = await answer(request);
  expect(frame.readInt32BE(0)).toBe(frame.length - 4);
  expect(frame.readInt32BE(4)).toBe(77);
  expect(answerBody(frame, request).readInt16('error')).toBe(0);
});

test('requests are counted by API', async () => {
  const before = context.counters.requests.get('Metadata') ?? 0;
  await answer({ key: 3, version: 1, body: (writer) => writer.writeInt32(-1) });
  expect(context.counters.requests.get('Metadata')).toBe(before + 1);
});

test('a client without a name is one without a name', async () => {
  expect(await answer({ key: 18, version: 0, clientId: null })).toBeInstanceOf(Buffer);
});

test('bytes behind a request are no fault, as for Kafka', async () => {
  const request: WireRequest = { key: 18, version: 0, body: (writer) => writer.writeInt32(5) };
  expect(await answer(request)).toBeInstanceOf(Buffer);
});

describe('ends the connection:', () => {
  test.each([-1, 4, 7, 75, 32_767])('the API %i, which is not served', (key) => {
    expect(refusal({ key, version: 0 })).toMatchObject({
      code: 'INVALID_REQUEST',
      details: { field: 'api_key', found: String(key) },
    });
  });

  test.each([-1, 13, 32_767])('a version of an API that is not served: %i', (version) => {
    expect(refusal({ key: 3, version, clientId: 'x'.repeat(300) })).toMatchObject({
      message: `Metadata v${version}: api_version: expected 0 to 12, found ${version}`,
      details: { api: 'Metadata', version, client: 'x'.repeat(100) },
    });
  });

  test('a body that cannot be read', () => {
    const { message } = refusal({ key: 3, version: 1, body: (writer) => writer.writeInt32(9) });
    expect(message).toMatch(/^Metadata v1: topics: expected/);
  });

  test('a header that is cut', () => {
    for (let end = 1; end < 10; end++) {
      const cut = frameOf({ key: 18, version: 0 }).subarray(0, end);
      expect(refusalOf(() => answerFrame(cut, caller)).code).toBe('INVALID_REQUEST');
    }
  });

  test('a request that is larger than its API needs', () => {
    const large = Buffer.alloc(KAFKA_REQUEST_BYTES_MAX + 1);
    frameOf({ key: 18, version: 0 }).copy(large);
    expect(refusalOf(() => answerFrame(large, caller)).details).toMatchObject({
      field: 'size of a request',
    });
    const largest = large.subarray(1);
    frameOf({ key: 18, version: 0 }).copy(largest);
    expect(answerFrame(largest, caller)).toHaveProperty('parts');
  });

  test('a request before its login', () => {
    const authentication = { principal: '', mayAsk: (key: number): boolean => key === 18 };
    const stranger = callerOf(context, { authentication });
    expect(answerFrame(frameOf({ key: 18, version: 0 }), stranger)).toHaveProperty('parts');
    expect(refusal({ key: 3, version: 0 }, stranger).message).toContain('a login before it');
  });

  test('an error that the response has no place for, naming the request', async () => {
    await broker.close();
    await expect(
      answer({ key: 3, version: 1, body: (writer) => writer.writeInt32(-1) }),
    ).rejects.toMatchObject({
      code: 'SHUTTING_DOWN',
      details: { api: 'Metadata', version: 1, client: 'test' },
    });
  });
});

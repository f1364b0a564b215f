/**
 * Bodies made to cost more than they weigh: refused with the right word, or taken within bounds.
 * The lines that they hang on, such as `checkDepth` in `json-scan.ts`, are taken away one by one by
 * `hostile-controls.ts`.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { encodeMsgpack } from '../../src/codec/msgpack.ts';
import { DECOMPRESSED_BATCH_BYTES_MAX } from '../../src/model/limits.ts';
import type { TestApp } from '../support/http-app.ts';
import { testApp } from '../support/http-app.ts';
import { bombs } from '../support/http-bombs.ts';

const BATCH = 'application/vnd.kafka.recordbatch';
let server: TestApp;

beforeEach(async () => {
  server = testApp();
  const configOverrides = new Map([['max.message.bytes', '16777216']]);
  await server.broker.createTopic({ name: 't', configOverrides });
});

async function produce(payload: string | Buffer, type = 'application/json') {
  const url = '/topics/t/partitions/0';
  const headers = { 'content-type': type };
  const answer = await server.app.inject({ method: 'POST', url, headers, payload });
  if (answer.statusCode === 200) return { status: 200, code: '' };
  const { code, written } = answer.json<{ code: string; written: string }>();
  expect(written).toBe('no');
  return { status: answer.statusCode, code };
}

async function endOffset(): Promise<number> {
  return (await server.broker.listOffset('t', 0, 'latest')).offset;
}

describe('decompression bombs', () => {
  test('beyond what a batch may inflate to are refused, in every codec', async () => {
    for (const { name, batch } of bombs(Math.ceil(DECOMPRESSED_BATCH_BYTES_MAX / 1_000_000))) {
      expect(await produce(batch, BATCH), name).toEqual({ status: 413, code: 'MESSAGE_TOO_LARGE' });
    }
    expect(await endOffset()).toBe(0);
  });

  test('within it are taken, and read within the budget by many at once', async () => {
    for (const { name, batch } of bombs(10)) {
      expect(await produce(batch, BATCH), name).toEqual({ status: 200, code: '' });
    }
    const { app } = server;
    let heldMost = 0;
    const at = '/topics/t/partitions/0/records?max_bytes=67108864&max_records=10000';
    const reads = Array.from({ length: 12 }, async () => {
      const answer = await app.inject({ url: at });
      heldMost = Math.max(heldMost, app.fetchBudget.heldBytes);
      return answer;
    });
    const answers = await Promise.all(reads);
    // The budget, and the one batch that anybody may read.
    expect(heldMost).toBeLessThan(134_217_728 + 2 * DECOMPRESSED_BATCH_BYTES_MAX);
    expect(app.fetchBudget.heldBytes).toBe(0);
    const read = answers.filter(({ statusCode }) => statusCode === 200);
    expect(read.length).toBeGreaterThan(0);
    for (const { statusCode } of answers) expect([200, 429]).toContain(statusCode);
    for (const { body } of read) expect(body.length).toBeLessThan(134_217_728);
  });
});

describe('JSON', () => {
  const deep = (open: string, close: string): string =>
    open.repeat(100_000) + close.repeat(100_000);

  test.each([
    ['100,000 brackets', `{"records":[{"value":${deep('[', ']')}}]}`, 400],
    [
      '100,000 braces',
      `{"records":[{"value":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}]}`,
      400,
    ],
    ['brackets without an end', '['.repeat(100_000), 400],
    ['a million members', `{${'"a":1,'.repeat(1_000_000)}"b":1}`, 400],
    ['a million members of a record', `{"records":[{${'"a":1,'.repeat(1_000_000)}"b":1}]}`, 400],
    [
      'a million members of a value',
      `{"records":[{"value":{${'"a":1,'.repeat(1_000_000)}"b":1}}]}`,
      200,
    ],
    ['a number of a million digits', `{"records":[{"value":${'9'.repeat(1_000_000)}}]}`, 200],
    [
      'a timestamp of a million digits',
      `{"records":[{"value":1,"timestamp":${'9'.repeat(1_000_000)}}]}`,
      422,
    ],
    ['a timestamp without end', '{"records":[{"value":1,"timestamp":1e999}]}', 422],
    ['a partition below none', '{"records":[{"value":1,"partition":-0.5}]}', 422],
    [
      'names that mean something to JavaScript',
      '{"records":[{"value":{"__proto__":{"x":1},"constructor":1}}]}',
      200,
    ],
    ['the same as members of a record', '{"records":[{"value":1,"__proto__":1}]}', 400],
    ['a value twice', '{"records":[{"value":1,"value":2}]}', 400],
    ['half a character', '{"records":[{"value":"\\ud800"}]}', 200],
    ['half a character as key', '{"records":[{"key":"\\udc00","value":1}]}', 422],
    ['a byte order mark', '\ufeff{"records":[{"value":1}]}', 400],
    ['NaN', '{"records":[{"value":NaN}]}', 400],
    ['Infinity', '{"records":[{"value":-Infinity}]}', 400],
  ])('with %s', async (_, body, status) => {
    expect(await produce(body)).toMatchObject({ status });
    expect(await endOffset()).toBe(status === 200 ? 1 : 0);
    expect(({} as { x?: number }).x).toBeUndefined();
  });
});

describe('MessagePack', () => {
  const TYPE = 'application/msgpack';
  const head = encodeMsgpack({ records: [] }).subarray(0, -1);
  /** `{records: [{value: X}]}` with these bytes for X. */
  const around = (value: Buffer): Buffer =>
    Buffer.concat([head, Buffer.from([0x91, 0x81, 0xa5]), Buffer.from('value'), value]);
  const tail = Buffer.alloc(40);

  test('with any type byte is refused unless it is one of a record’s value', async () => {
    let taken = 0;
    for (let type = 0; type < 256; type++) {
      const { status } = await produce(around(Buffer.concat([Buffer.from([type]), tail])), TYPE);
      expect(status, `type 0x${type.toString(16)} and 40 bytes`).toBe(400);
      const alone = await produce(around(Buffer.from([type])), TYPE);
      if (alone.status === 200) taken++;
      else expect([400, 422], `type 0x${type.toString(16)}`).toContain(alone.status);
    }
    // nil and the empty string.
    expect(taken).toBe(2);
    expect(await endOffset()).toBe(2);
  });

  test.each(['c7', 'c8', 'c9', 'd4', 'd5', 'd6', 'd7', 'd8'])(
    'with extension %s is refused for every type of it',
    async (form) => {
      const bytes = { c7: 1, c8: 2, c9: 4, d4: 0, d5: 0, d6: 0, d7: 0, d8: 0 }[form] ?? 0;
      const payload = form.startsWith('c') ? 1 : 1 << (Number.parseInt(form, 16) - 0xd4);
      for (let type = 0; type < 256; type++) {
        const length = Buffer.alloc(bytes);
        if (bytes > 0) length[bytes - 1] = 1;
        const value = Buffer.concat([
          ...[Buffer.from(form, 'hex'), length, Buffer.from([type]), Buffer.alloc(payload)],
        ]);
        expect(await produce(around(value), TYPE)).toEqual({
          status: 400,
          code: 'INVALID_REQUEST',
        });
      }
    },
  );

  const float = (value: number): Buffer => {
    const bytes = Buffer.alloc(9, 0xcb);
    bytes.writeDoubleBE(value, 1);
    return bytes;
  };

  test.each([
    ['NaN', float(Number.NaN), 422],
    ['Infinity', float(Infinity), 422],
    ['an unsigned integer beyond 2^53', Buffer.from('cfffffffffffffffff', 'hex'), 400],
    ['a negative integer beyond 2^53', Buffer.from('d38000000000000000', 'hex'), 400],
    ['100,000 lists in each other', Buffer.from(`${'91'.repeat(100_000)}c0`, 'hex'), 400],
    ['a list of 2^32 - 1', Buffer.from('ddffffffff', 'hex'), 400],
    ['a map of 2^31', Buffer.from('df80000000', 'hex'), 400],
    ['bytes of 2^32 - 1', Buffer.from('c6ffffffff', 'hex'), 400],
    ['text of 2^32 - 1', Buffer.from('dbffffffff', 'hex'), 400],
    [
      'two million nils',
      Buffer.concat([Buffer.from('dd001e8480', 'hex'), Buffer.alloc(2_000_000, 0xc0)]),
      400,
    ],
    ['broken text', Buffer.from('a2c328', 'hex'), 400],
  ])('with %s for a value', async (_, value, status) => {
    expect(await produce(around(value), TYPE)).toMatchObject({ status });
    expect(await endOffset()).toBe(0);
  });
});

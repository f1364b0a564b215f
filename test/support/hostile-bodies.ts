/** Bodies that the server takes, one for each media type and route that has a reader of its own. */
import { encodeMsgpack } from '../../src/codec/msgpack.ts';
import { encodedBatch, textRecord } from './batches.ts';
import { CODECS, compressedBatch } from './compressed-frames.ts';
import type { SeededRandom } from './seeded-random.ts';

export interface RecordedBody {
  readonly name: string;
  readonly method: 'POST' | 'PUT' | 'PATCH';
  readonly url: string;
  readonly type: string;
  readonly body: Buffer;
}

const NATIVE = {
  records: [
    { key: 'a', value: { n: [1, -2.5e3, 'ü\u2028', null, true] }, headers: { h: 'v', '1': null } },
    { key_base64: 'AP8=', value_base64: 'AAE=', timestamp: 1_780_000_000_000, partition: 1 },
    {
      value: null,
      headers: [
        { key: 'h', value_base64: '/w==' },
        { key: 'h', value: '\n' },
      ],
    },
  ],
};
const V2 = { value_schema: 'ignored', records: [{ key: 'aQ==', value: 'aQ==' }, { partition: 1 }] };
const BATCH = encodedBatch([
  textRecord('1', { key: Buffer.from('k'), headers: [{ key: 'h', value: Buffer.from('v') }] }),
  textRecord('x'.repeat(300)),
]);
const BYTES = {
  records: [{ key: Buffer.from('k'), value: Buffer.from([0, 255]), headers: { h: null } }],
};
const COMMIT = { offsets: [{ topic: 't', partition: 0, offset: 0, metadata: 'm' }] };
const READING = { session_timeout_ms: 5_000, auto_offset_reset: 'latest' };
const CONFIGS = { 'retention.ms': '-1', 'max.message.bytes': '1000' };

function json(url: string, value: unknown, type = 'application/json'): RecordedBody {
  const body = Buffer.from(JSON.stringify(value));
  return { name: `${url} ${type}`, method: 'POST', url, type, body };
}

function sent(name: string, type: string, body: Buffer): RecordedBody {
  return { name, method: 'POST', url: '/topics/t/partitions/0', type, body };
}

export const RECORDED: readonly RecordedBody[] = [
  json('/topics/t', NATIVE),
  json('/topics/t?format=text', { records: [{ value: '\ud83d\ude00' }, { key: '', value: null }] }),
  ...['json', 'binary', 'text'].map((form) =>
    json('/topics/t', V2, `application/vnd.kafka.${form}.v2+json`),
  ),
  sent('msgpack', 'application/msgpack', encodeMsgpack(BYTES)),
  sent('raw', 'image/png', Buffer.from('any bytes')),
  sent('batches', 'application/vnd.kafka.recordbatch', Buffer.concat([BATCH, BATCH])),
  ...CODECS.map((codec) =>
    sent(codec, 'application/vnd.kafka.recordbatch', compressedBatch(BATCH, codec)),
  ),
  { ...json('/topics/made', { partitions: 2, configs: CONFIGS }), method: 'PUT' },
  { ...json('/topics/t', { configs: CONFIGS }), method: 'PATCH' },
  json('/producers', { name: 'p' }),
  json('/groups/g/offsets', COMMIT),
  json('/groups/g/offsets/reset', { topic: 't', partitions: [0], to: { offset: 0 } }),
  json('/groups/g/members', { topics: ['t'], assignors: ['range'], ...READING }),
  json('/consumers/g', { name: null, format: 'json', 'fetch.min.bytes': '1' }),
];

type Change = (bytes: Buffer, at: number, random: SeededRandom) => Buffer;

/** At a place that may be the end. */
const CHANGES: readonly Change[] = [
  // A bit.
  (bytes, at, random) => withByte(bytes, at, (bytes[at] ?? 0) ^ (1 << random.below(8))),
  // A byte, mostly one that means something somewhere.
  (bytes, at, random) => withByte(bytes, at, random.pick(BYTES_OF_MEANING)),
  // Cut off.
  (bytes, at) => bytes.subarray(0, at),
  // Something left out.
  (bytes, at, random) =>
    Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + random.below(9))]),
  // Something put in.
  (bytes, at, random) =>
    Buffer.concat([bytes.subarray(0, at), random.bytes(random.between(1, 9)), bytes.subarray(at)]),
  // Something twice.
  (bytes, at, random) =>
    Buffer.concat([bytes.subarray(0, at), bytes.subarray(at >> random.below(2))]),
  // A digit made another number, a length made another length.
  (bytes, at, random) => replaced(bytes, at, Buffer.from(random.pick(NUMBERS)), 1),
  (bytes, at, random) => {
    const field = Buffer.alloc(4);
    field.writeUInt32BE(random.pick(LENGTHS));
    return replaced(bytes, at, random.chance(0.5) ? field : field.subarray(2), 4);
  },
];

const BYTES_OF_MEANING = [
  ...Buffer.from('"\\{}[],:-0e '),
  0x00,
  0x80,
  0xc1,
  0xc7,
  0xd4,
  0xdd,
  0xdf,
  0xff,
];
const NUMBERS = ['-1', '1e999', '9007199254740993', '0.1', '-0', '00', 'NaN', '1'.repeat(400)];
/** At which readers of lengths and counts go wrong. */
const LENGTHS = [0, 1, 0x7f, 0x80, 0x7fff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];

/** One to three seeded changes. */
export function mutated(body: Buffer, random: SeededRandom): Buffer {
  let bytes = body;
  for (let left = random.between(1, 3); left > 0; left--) {
    bytes = random.pick(CHANGES)(bytes, random.below(bytes.length + 1), random);
  }
  return bytes;
}

function withByte(bytes: Buffer, at: number, byte: number): Buffer {
  return replaced(bytes, at, Buffer.from([byte]), 1);
}

function replaced(bytes: Buffer, at: number, by: Uint8Array, length: number): Buffer {
  return Buffer.concat([bytes.subarray(0, at), by, bytes.subarray(at + length)]);
}

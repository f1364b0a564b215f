/**
 * The bytes of a cursor's body. Numbers are varints (`codec/varint.ts`), text is a count of bytes
 * and UTF-8.
 *
 *     group             text
 *     kind              byte: 0 = topics, 1 = pattern
 *     names             count, then so many texts: each topic that the rest speaks of, once
 *     subscription      topics: count, then so many positions in names; pattern: text
 *     autoOffsetReset   byte: 0 = earliest, 1 = latest, 2 = none
 *     fingerprint       varlong
 *     generation        varint
 *     assigned          count of runs, then of each: position in names, count, partitions
 *     positions         count of runs, then of each: position in names, topic id (16 bytes),
 *                       count, and for each a partition and its offset (varlong)
 *
 * Partitions are differences to the one before, so that one usually takes a byte. A run is of one
 * topic (and topic id).
 */
import assert from 'node:assert';
import { corrupt } from '../codec/corrupt.ts';
import { VarintCursor, varintBytes, writeVarint } from '../codec/varint.ts';
import type { Cursor } from './cursor.ts';

const RESETS = ['earliest', 'latest', 'none'] as const;
const TOPIC_ID_BYTES = 16;

type Position = Cursor['positions'][number];

export function encodeCursorBody(cursor: Cursor): Buffer {
  const { group, subscription, autoOffsetReset, fingerprint, generation } = cursor;
  const writer = new Writer();
  const names = new Names(cursor);
  writer.text(group);
  writer.number(subscription.kind === 'topics' ? 0 : 1);
  writer.number(names.all.length);
  for (const name of names.all) writer.text(name);
  if (subscription.kind === 'pattern') writer.text(subscription.pattern);
  else {
    writer.number(subscription.topics.length);
    for (const topic of subscription.topics) writer.number(names.positionOf(topic));
  }
  writer.number(RESETS.indexOf(autoOffsetReset));
  writer.number(fingerprint);
  writer.number(generation);
  writer.number(cursor.assigned.length);
  for (const { topic, partitions } of cursor.assigned) {
    writer.number(names.positionOf(topic));
    writer.number(partitions.length);
    let before = 0;
    for (const partition of partitions) {
      writer.number(partition - before);
      before = partition;
    }
  }
  writePositions(writer, names, runsOf(cursor.positions));
  return writer.written();
}

function writePositions(
  writer: Writer,
  names: Names,
  runs: readonly (readonly Position[])[],
): void {
  writer.number(runs.length);
  for (const run of runs) {
    const { topic, topicId } = run[0] as Position;
    writer.number(names.positionOf(topic));
    writer.topicId(topicId);
    writer.number(run.length);
    let before = 0;
    for (const { partition, offset } of run) {
      writer.number(partition - before);
      writer.number(offset);
      before = partition;
    }
  }
}

/** Neighbours of one topic and topic id. */
function runsOf(positions: readonly Position[]): Position[][] {
  const runs: Position[][] = [];
  for (const position of positions) {
    const run = runs.at(-1);
    const first = run?.[0];
    if (first?.topic === position.topic && first.topicId === position.topicId) run?.push(position);
    else runs.push([position]);
  }
  return runs;
}

/** Throws CORRUPT_MESSAGE when the bytes are not what `encodeCursorBody` makes. */
export function decodeCursorBody(bytes: Buffer): Cursor {
  const reader = new Reader(bytes);
  const group = reader.text('group');
  const kind = reader.below(2, 'kind');
  const names = reader.list('names', 1, () => reader.text('name'));
  const nameAt = (): string => names[reader.below(names.length, 'name')] as string;
  const subscription =
    kind === 1
      ? { kind: 'pattern' as const, pattern: reader.text('pattern') }
      : { kind: 'topics' as const, topics: reader.list('topics', 1, nameAt) };
  const autoOffsetReset = RESETS[reader.below(RESETS.length, 'reset')] as Cursor['autoOffsetReset'];
  const fingerprint = reader.natural('fingerprint');
  const generation = reader.int32('generation');
  const assigned = reader.list('assigned', 2, () => {
    const topic = nameAt();
    let partition = 0;
    const partitions = reader.list('partitions', 1, () => {
      partition = reader.after(partition, 'partition');
      return partition;
    });
    return { topic, partitions };
  });
  const runs = reader.list('positions', TOPIC_ID_BYTES + 2, () => {
    const topic = nameAt();
    const topicId = reader.topicId('topic id');
    let partition = 0;
    return reader.list('positions', 2, (): Position => {
      partition = reader.after(partition, 'partition');
      return { topicId, topic, partition, offset: reader.natural('offset') };
    });
  });
  reader.end();
  const positions = runs.flat();
  return { group, subscription, autoOffsetReset, fingerprint, assigned, generation, positions };
}

/** Each topic name once. */
class Names {
  readonly all: readonly string[];
  readonly #positions: ReadonlyMap<string, number>;

  constructor({ subscription, assigned, positions }: Cursor) {
    const subscribed = subscription.kind === 'topics' ? subscription.topics : [];
    const spokenOf = [...assigned, ...positions].map(({ topic }) => topic);
    this.all = [...new Set([...subscribed, ...spokenOf])];
    this.#positions = new Map(this.all.map((name, index) => [name, index]));
  }

  positionOf(name: string): number {
    return this.#positions.get(name) as number;
  }
}

class Writer {
  #bytes = Buffer.allocUnsafe(1_024);
  #at = 0;

  number(value: number): void {
    this.#reserve(varintBytes(value));
    this.#at = writeVarint(this.#bytes, value, this.#at);
  }

  text(text: string): void {
    const count = Buffer.byteLength(text);
    this.number(count);
    this.#reserve(count);
    this.#at += this.#bytes.write(text, this.#at);
  }

  topicId(uuid: string): void {
    const bytes = Buffer.from(uuid.replaceAll('-', ''), 'hex');
    assert.equal(bytes.length, TOPIC_ID_BYTES, `${uuid} is not a UUID`);
    this.#reserve(bytes.length);
    this.#at += bytes.copy(this.#bytes, this.#at);
  }

  written(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

  #reserve(count: number): void {
    if (this.#at + count <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(2 * (this.#at + count));
    this.#bytes.copy(grown, 0, 0, this.#at);
    this.#bytes = grown;
  }
}

class Reader {
  readonly #cursor: VarintCursor;

  constructor(bytes: Buffer) {
    this.#cursor = new VarintCursor(bytes, 0, bytes.length);
  }

  int32(field: string): number {
    return this.#cursor.varint(field);
  }

  /** 0 or more. */
  natural(field: string): number {
    const value = this.#cursor.varlong(field);
    if (value >= 0) return value;
    throw corrupt({ field, expected: '0 or more', found: String(value) });
  }

  below(bound: number, field: string): number {
    const value = this.natural(field);
    if (value < bound) return value;
    throw corrupt({ field, expected: `less than ${bound}`, found: String(value) });
  }

  /** A partition, told by its difference to the one before. */
  after(before: number, field: string): number {
    const value = before + this.#cursor.varint(field);
    if (value >= 0) return value;
    throw corrupt({ field, expected: '0 or more', found: String(value) });
  }

  /** Nothing is allocated for entries that the bytes left could not hold. */
  list<T>(field: string, entryBytesMin: number, read: () => T): T[] {
    const count = this.natural(field);
    const countMax = Math.floor((this.#cursor.end - this.#cursor.at) / entryBytesMin);
    if (count > countMax) {
      throw corrupt({ field, expected: `at most ${countMax} entries`, found: String(count) });
    }
    const list: T[] = [];
    for (let index = 0; index < count; index += 1) list.push(read());
    return list;
  }

  text(field: string): string {
    const start = this.#cursor.skip(this.natural(field), field);
    return this.#cursor.bytes.toString('utf8', start, this.#cursor.at);
  }

  topicId(field: string): string {
    const start = this.#cursor.skip(TOPIC_ID_BYTES, field);
    const hex = this.#cursor.bytes.toString('hex', start, start + TOPIC_ID_BYTES);
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  }

  end(): void {
    const left = this.#cursor.end - this.#cursor.at;
    if (left > 0) throw corrupt({ field: 'cursor', expected: 'its end', found: `${left} bytes` });
  }
}

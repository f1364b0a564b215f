/**
 * Load by Kafka's protocol, for whoever speaks it: record batches and requests that were encoded
 * before, so that each server gets the same bytes, and no client's work is measured with it.
 */
import { requestFrame } from '../../test/support/kafka-wire.ts';
import { produceRequest } from '../../test/support/kafka-produce.ts';
import { recordBatch } from '../support/bodies.ts';
import { frames } from './kafka-frames.ts';
import type { Following, Way } from './peer.ts';
import { BATCH, BATCH_CONNECTIONS, keepReading, pageStart, RECORD_BYTES } from './peer.ts';
import { dialogue, rawRate } from './raw-load.ts';

export interface KafkaPlace {
  readonly port: number;
  createTopic(topic: string): Promise<void>;
  deleteTopic(topic: string): Promise<void>;
}

type KafkaWay = Required<Pick<Way, 'batches' | 'readBack' | 'single' | 'follow'>>;

/** Reads back what `fillTopic` has written. */
export function kafkaWay(place: KafkaPlace): KafkaWay {
  const produce = (load: Load): Promise<number> => produceRate(place, load);
  return {
    batches: (seconds) => produce({ records: BATCH, connections: BATCH_CONNECTIONS, seconds }),
    readBack: (records, seconds) => readRate(place.port, records, seconds),
    single: (connections, seconds) => produce({ records: 1, connections, seconds }),
    follow: (onRecords) => follow(place, onRecords),
  };
}

/** The topic that is read back. */
export const READ = 'read';

interface Load {
  /** Of one request, in one batch. */
  readonly records: number;
  readonly connections: number;
  readonly seconds: number;
}

let topics = 0;

/** A name is not used twice: Kafka deletes a topic behind one's back. */
async function newTopic(place: KafkaPlace, kind: string): Promise<string> {
  topics += 1;
  const topic = `${kind}-${topics}`;
  await place.createTopic(topic);
  return topic;
}

async function produceRate(place: KafkaPlace, { records, ...load }: Load): Promise<number> {
  const topic = await newTopic(place, 'produced');
  const request = produceFrame(topic, records);
  const rate = await rawRate({
    ...{ ...load, port: place.port, inFlight: 1 },
    request: () => request,
    reader: () => produced(topic),
  });
  await place.deleteTopic(topic);
  return records * rate;
}

export async function fillTopic(place: KafkaPlace, records: number): Promise<void> {
  await place.createTopic(READ);
  const line = await dialogue(place.port, () => produced(READ));
  const request = produceFrame(READ, BATCH);
  for (let sent = 0; sent < records; sent += BATCH) await line.ask(request);
  line.end();
}

function produceFrame(topic: string, records: number): Buffer {
  const batch = recordBatch(records, RECORD_BYTES);
  // Version 7: the last one whose fields stand at fixed places.
  return requestFrame(produceRequest({ version: 7, topics: [[topic, [0, batch]]] }));
}

/** Where the error of the one partition stands: behind size, id, counts, name and index. */
function produced(topic: string): (chunk: Buffer) => number {
  const errorAt = 22 + topic.length;
  return frames(errorAt + 2, (head) => expectNone(head.readInt16BE(errorAt)));
}

function expectNone(error: number): void {
  if (error !== 0) throw new Error(`the server answered with error ${error}`);
}

const PAGE_BYTES = 1_048_576;

async function readRate(port: number, records: number, seconds: number): Promise<number> {
  const starts = Array.from({ length: 200 }, (_, page) => pageStart(page, records));
  const pages = starts.map((offset) => fetchFrame(READ, offset));
  const batchBytes = recordBatch(BATCH, RECORD_BYTES).length;
  let [page, batches] = [0, 0];
  await rawRate({
    ...{ port, seconds, connections: BATCH_CONNECTIONS, inFlight: 1 },
    request: () => pages[page++ % pages.length] as Buffer,
    reader: () =>
      fetched(READ, (bytes) => {
        batches += Math.floor(bytes / batchBytes);
      }),
  });
  return (batches * BATCH) / seconds;
}

/** Version 11, whose fields stand at fixed places as long as nothing is aborted. */
function fetchFrame(topic: string, offset: number): Buffer {
  return requestFrame({
    key: 1,
    version: 11,
    body: (writer) => {
      writer.writeInt32(-1); // No replica.
      writer.writeInt32(100); // Waits so many ms,
      writer.writeInt32(1); // for so many bytes,
      writer.writeInt32(PAGE_BYTES); // takes at most so many;
      writer.writeInt8(0); // of what is not committed, too,
      writer.writeInt32(0); // without a session
      writer.writeInt32(-1);
      writer.writeArray([topic], (name) => {
        writer.writeString(name);
        writer.writeArray([offset], (from) => {
          writer.writeInt32(0);
          writer.writeInt32(-1);
          writer.writeInt64(from);
          writer.writeInt64(-1);
          writer.writeInt32(PAGE_BYTES);
        });
      });
      writer.writeArray([], () => {}); // forgotten topics
      writer.writeString(''); // rack
    },
  });
}

/** `onRecords` is told the bytes of the record batches. */
function fetched(topic: string, onRecords: (bytes: number) => void): (chunk: Buffer) => number {
  const [errorAt, lengthAt] = [32 + topic.length, 66 + topic.length];
  return frames(lengthAt + 4, (head) => {
    expectNone(head.readInt16BE(12));
    expectNone(head.readInt16BE(errorAt));
    onRecords(head.readInt32BE(lengthAt));
  });
}

/** Rejects as long as the topic takes no records. */
export async function tryProduce(port: number, topic: string): Promise<void> {
  const line = await dialogue(port, () => produced(topic));
  try {
    await line.ask(produceFrame(topic, 1));
  } finally {
    line.end();
  }
}

/** Rejects as long as the topic cannot be read. */
export async function tryFetch(port: number, topic: string): Promise<void> {
  const line = await dialogue(port, () => fetched(topic, () => {}));
  try {
    await line.ask(fetchFrame(topic, 0));
  } finally {
    line.end();
  }
}

async function follow(place: KafkaPlace, onRecords: (count: number) => void): Promise<Following> {
  const topic = await newTopic(place, 'followed');
  const batchBytes = recordBatch(1, RECORD_BYTES).length;
  let offset = 0;
  const writer = await dialogue(place.port, () => produced(topic));
  const reader = await dialogue(place.port, () =>
    fetched(topic, (bytes) => {
      offset += bytes / batchBytes;
      onRecords(bytes / batchBytes);
    }),
  );
  const stopReading = keepReading(() => reader.ask(fetchFrame(topic, offset)));
  const request = produceFrame(topic, 1);
  return {
    send: () => writer.ask(request),
    async stop() {
      await stopReading();
      writer.end();
      reader.end();
      await place.deleteTopic(topic);
    },
  };
}

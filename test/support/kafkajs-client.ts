/** kafkajs as a test uses it: all codecs, no words, and everything that was read in one list. */
import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import { CompressionCodecs, CompressionTypes, Kafka, logLevel } from 'kafkajs';
import type { KafkaMessage } from 'kafkajs';
import { compressFrame, decompressFrame } from 'lz4-napi';
import { compress, uncompress } from 'snappy';
import { onTestFinished } from 'vitest';

interface Encoder {
  readonly buffer: Buffer;
}

/** kafkajs brings gzip alone, and takes the others from whoever has them. */
function useCodec(
  type: CompressionTypes,
  deflate: (bytes: Buffer) => Promise<Buffer>,
  inflate: (bytes: Buffer) => Promise<Buffer>,
): void {
  const codec = {
    compress: ({ buffer }: Encoder) => deflate(buffer),
    decompress: inflate,
  };
  Object.assign(CompressionCodecs, { [type]: () => codec });
}

useCodec(
  CompressionTypes.Snappy,
  async (bytes) => compress(bytes),
  async (bytes) => (await uncompress(bytes)) as Buffer,
);
useCodec(CompressionTypes.LZ4, compressFrame, decompressFrame);
useCodec(CompressionTypes.ZSTD, promisify(zstdCompress), promisify(zstdDecompress));

export function kafkaJs(address: string): Kafka {
  return new Kafka({ clientId: 'test', brokers: [address], logLevel: logLevel.NOTHING });
}

export type Consumed = KafkaMessage & { readonly partition: number };

/** The first `count` messages of a topic, in the order they came, read as a group of its own. */
export async function consumed(kafka: Kafka, topic: string, count: number): Promise<Consumed[]> {
  const consumer = kafka.consumer({ groupId: `readers-of-${topic}`, maxWaitTimeInMs: 200 });
  const messages: Consumed[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  await consumer.connect();
  onTestFinished(() => consumer.disconnect());
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ partition, message }) => {
      messages.push({ ...message, partition });
      if (messages.length === count) resolve();
    },
  });
  await promise;
  return messages;
}

/** Small batches that inflate to much, in every codec and framing that Kafka's clients use. */
import { BATCH_HEADER_BYTES, readBatchHeader } from '../../src/codec/batch-header.ts';
import { encodedBatch, textRecord } from './batches.ts';
import { batchOf, CODECS, compress, lz4Compressed, lz4Frame, xerial } from './compressed-frames.ts';

export interface Bomb {
  readonly name: string;
  readonly batch: Buffer;
}

/** Each a batch of `records` records of a million bytes. */
export function bombs(records: number): Bomb[] {
  const record = textRecord('', { value: Buffer.alloc(1_000_000, '1') });
  const plain = encodedBatch(Array.from({ length: records }, () => record));
  const bytes = plain.subarray(BATCH_HEADER_BYTES);
  const { attributes } = readBatchHeader(plain, 0);
  const made = (name: string, codec: number, data: Buffer): Bomb => ({
    name,
    batch: batchOf(plain, attributes | codec, data),
  });
  return [
    ...CODECS.map((codec, index) => made(codec, index + 1, compress(codec, bytes))),
    made('snappy in the framing of Java', 2, xerial(pieces(bytes, 32_768))),
    made(
      'lz4 in blocks of 4 MiB',
      3,
      lz4Frame(
        pieces(bytes, 4_194_304).map((piece) => lz4Compressed(piece)),
        { blockSizeCode: 0x70 },
      ),
    ),
  ];
}

function pieces(bytes: Buffer, size: number): Buffer[] {
  const count = Math.ceil(bytes.length / size);
  return Array.from({ length: count }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
}

/** One message as a face hands it to the broker, and as a reader gets it back. */
export interface Record {
  /** null = no key. An empty key is a key. */
  readonly key: Uint8Array | null;
  /** null = tombstone. */
  readonly value: Uint8Array | null;
  readonly headers: readonly RecordHeader[];
  /** Milliseconds since the Unix epoch, set by the face when its caller gave none. */
  readonly timestamp: number;
}

/** Header keys are text, may repeat and keep their order. */
export interface RecordHeader {
  readonly key: string;
  readonly value: Uint8Array | null;
}

/** A record with the place it was given in its partition. */
export interface StoredRecord extends Record {
  readonly offset: number;
}

/** Kafka's "no timestamp" (RecordBatch.NO_TIMESTAMP): old clients may store it. */
export const NO_TIMESTAMP = -1;

/** Shared by every record without headers: the common case allocates nothing. */
export const NO_HEADERS: readonly RecordHeader[] = Object.freeze([]);

/** One read of a member as events, partition by partition, a bounded chunk at a time. */
import type { Position } from '../membership/positions.ts';
import type { PartitionRead } from '../membership/assigned-read.ts';
import type { MemberRead } from '../membership/read.ts';
import { recordsOf } from './member-answers.ts';
import type { Inflater } from './inflater.ts';
import type { RecordChunks } from './record-chunks.ts';
import type { ValueFormat } from './record-json.ts';
import { jsonFormat } from './record-json.ts';

interface OpenPartition {
  readonly partition: PartitionRead;
  readonly records: RecordChunks;
}

export class MemberBatch {
  readonly read: MemberRead;
  /** Behind what was shown. */
  readonly positions: Position[] = [];
  readonly #format: ValueFormat;
  readonly #left: PartitionRead[];
  #open: OpenPartition | undefined;

  readonly #inflater: Inflater;

  constructor(read: MemberRead, format: ValueFormat, inflater: Inflater) {
    this.read = read;
    this.#inflater = inflater;
    this.#format = format;
    this.#left = [...read.partitions];
  }

  /** undefined once all is shown. */
  async next(): Promise<Buffer | undefined> {
    for (;;) {
      this.#open ??= this.#openNext();
      if (this.#open === undefined) return undefined;
      const { partition, records } = this.#open;
      const chunk = await records.next();
      if (chunk !== undefined) return chunk;
      this.positions.push({ ...partition, offset: records.nextOffset });
      this.#open = undefined;
    }
  }

  #openNext(): OpenPartition | undefined {
    const partition = this.#left.shift();
    if (partition === undefined) return undefined;
    const frames = { before: () => 'event: record\ndata: ', after: '\n\n', oneLine: true };
    const format = jsonFormat({ ...partition, format: this.#format, ...frames });
    return { partition, records: recordsOf(partition, { inflater: this.#inflater }, format) };
  }
}

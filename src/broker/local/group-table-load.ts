/**
 * Reads the log of the groups from its start to its end and applies its records in order. Memory
 * beyond the table is one read.
 *
 * What cannot be read or understood is stepped over: the newest commits are of more use than the
 * oldest. The first fault is told, because from then on nobody knows what is missing in the table.
 */
import { batchBytesAt, lastOffsetAt } from '../../codec/batch-header.ts';
import { plainBatch, visitRecords } from '../../codec/batch-reader.ts';
import { decodeGroupRecord } from '../../codec/group-records.ts';
import { MillraceError } from '../../model/errors.ts';
import { GroupTable } from './group-table.ts';
import type { Partition } from './partition.ts';

export interface LoadedTable {
  readonly table: GroupTable;
  /** Records of kinds that this version does not know. */
  readonly unknownCount: number;
  /** Why the table may lack something; undefined when it holds all that the log does. */
  readonly fault: string | undefined;
}

type ReadableLog = Pick<Partition, 'read' | 'logStartOffset' | 'highWatermark'>;

const READ_BYTES = 1_048_576;

export async function loadGroupTable(log: ReadableLog): Promise<LoadedTable> {
  const loader = new Loader(log);
  const end = log.highWatermark;
  // Behind damage reading begins at some later index entry, it is not known which.
  let step = 1;
  for (let offset = log.logStartOffset; offset < end;) {
    const next = await loader.applyFrom(offset);
    offset = next ?? offset + step;
    step = next === undefined ? step * 2 : 1;
  }
  const { table, unknownCount, fault } = loader;
  return { table, unknownCount, fault };
}

class Loader {
  readonly table = new GroupTable();
  unknownCount = 0;
  fault: string | undefined;
  readonly #log: ReadableLog;

  constructor(log: ReadableLog) {
    this.#log = log;
  }

  /** Answers the offset behind what was read; undefined when nothing could be read there. */
  async applyFrom(offset: number): Promise<number | undefined> {
    try {
      return await this.#applyBatches(await this.#log.read(offset, READ_BYTES));
    } catch (error) {
      this.#tell(error);
      return undefined;
    }
  }

  async #applyBatches(bytes: Buffer): Promise<number> {
    // Without a batch, a repair has left a gap up to the log's end.
    let end = this.#log.highWatermark;
    for (let at = 0; at < bytes.length;) {
      const next = at + batchBytesAt(bytes, at);
      const batch = bytes.subarray(at, next);
      end = lastOffsetAt(batch, 0) + 1;
      try {
        this.#applyRecords(await plainBatch(batch));
      } catch (error) {
        this.#tell(error);
      }
      at = next;
    }
    return end;
  }

  /** Remembers the first thing that went wrong; faults of ours are thrown on. */
  #tell(error: unknown): void {
    if (!(error instanceof MillraceError)) throw error;
    this.fault ??= error.message;
  }

  #applyRecords(batch: Buffer): void {
    visitRecords(batch, (_offset, _timestamp, bytes, keyStart, keyEnd, valueStart, valueEnd) => {
      try {
        const key = keyStart === -1 ? null : bytes.subarray(keyStart, keyEnd);
        const value = valueStart === -1 ? null : bytes.subarray(valueStart, valueEnd);
        const record = key === null ? undefined : decodeGroupRecord(key, value);
        if (record === undefined) this.unknownCount += 1;
        else this.table.apply(record);
      } catch (error) {
        this.#tell(error);
      }
    });
  }
}

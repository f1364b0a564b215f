/**
 * A whole broker, stopped, whose files are spoiled one after the other: what it serves then is what
 * was stored, or it says that it cannot; a commit is never another one; and what was not spoiled
 * serves on.
 */
import { DatabaseSync } from 'node:sqlite';
import { LocalBroker } from '../../src/broker/local/local-broker.ts';
import { MillraceError } from '../../src/model/errors.ts';
import { Catalogue } from '../../src/storage/catalogue.ts';
import { recordsIn, textRecord, textsOf } from './batches.ts';
import { BoundedFiles } from './bounded-files.ts';
import { localBrokerOptions } from './local-broker.ts';

const COMMITTED = [1, 2, 3];
const TEXTS = ['a', 'b', 'c', 'd', 'e'].map((text) => text.repeat(20));

/** Topics `one` and `other` of two partitions each, five records in each, three commits. */
export class DamagedServer {
  /** By path. */
  readonly files: ReadonlyMap<string, Buffer>;
  readonly #database: DatabaseSync;

  static async create(): Promise<DamagedServer> {
    const database = new DatabaseSync(':memory:');
    const disk = new BoundedFiles({ readBytesMax: 2_000_000, callsMax: 20_000 });
    disk.put('/data/.gitkeep', Buffer.alloc(0));
    const broker = await open(disk, database);
    for (const name of ['one', 'other']) {
      await broker.createTopic({ name, partitionCount: 2 });
      for (const partition of [0, 1]) {
        for (const text of TEXTS) {
          const payload = { kind: 'records', records: [textRecord(text)] } as const;
          await broker.produce([{ topic: name, partition, payload }]);
        }
      }
    }
    for (const offset of COMMITTED) {
      const place = { topic: 'one', partition: 0, leaderEpoch: -1, metadata: '' };
      const offsets = [{ ...place, offset }];
      await broker.commitOffsets({ group: 'g', memberId: '', generation: -1, offsets });
    }
    await broker.close();
    return new DamagedServer(disk.contents, database);
  }

  private constructor(files: ReadonlyMap<string, Buffer>, database: DatabaseSync) {
    this.files = files;
    this.#database = database;
  }

  /** Undefined when it is fine. */
  async faultOf(spoiled: ReadonlyMap<string, Buffer | undefined>): Promise<string | undefined> {
    const disk = new BoundedFiles({ readBytesMax: 2_000_000, callsMax: 20_000 });
    for (const [path, content] of new Map([...this.files, ...spoiled])) {
      if (content !== undefined) disk.put(path, content);
    }
    const broker = await open(disk, this.#database);
    try {
      return await this.#faultIn(broker, [...spoiled.keys()]);
    } finally {
      await broker.close();
    }
  }

  async #faultIn(broker: LocalBroker, spoiled: readonly string[]): Promise<string | undefined> {
    for (const { name, topicId } of await broker.listTopics()) {
      for (const partition of [0, 1]) {
        const directory = `/data/topics/${topicId.replaceAll('-', '')}/${partition}/`;
        const mayFail = spoiled.some((path) => path.startsWith(directory));
        const fault = await partitionFault(broker, { name, partition, mayFail });
        if (fault !== undefined) return `${name}/${partition}: ${fault}`;
      }
    }
    const mayFail = spoiled.some((path) => path.startsWith('/data/groups/'));
    const found = await broker.fetchOffsets('g').catch((error: unknown) => error);
    if (found instanceof MillraceError) return mayFail ? undefined : found.message;
    const offsets = (found as { offset: number }[]).map(({ offset }) => offset);
    return offsets.join() === '3' ? undefined : `the group is told to go on at ${offsets.join()}`;
  }
}

async function partitionFault(
  broker: LocalBroker,
  at: { readonly name: string; readonly partition: number; readonly mayFail: boolean },
): Promise<string | undefined> {
  const { name: topic, partition, mayFail } = at;
  const texts: (string | null)[] = [];
  for (let offset = 0; offset < TEXTS.length; offset = texts.length) {
    const partitions = [{ topic, partition, offset, maxBytes: 1_000_000 }];
    const request = { partitions, minBytes: 0, maxBytes: 1_000_000, maxWaitMs: 0 };
    const [result] = await broker.fetch(request);
    if (result?.error !== undefined) return mayFail ? undefined : result.error.message;
    const records = await recordsIn(result?.batches ?? Buffer.alloc(0));
    if (records.length === 0) return 'records are missing, and nobody said so';
    texts.push(...textsOf(records.filter((record) => record.offset >= offset)));
  }
  if (texts.join() !== TEXTS.join()) return 'other records, and nobody said so';
  const payload = { kind: 'records', records: [textRecord('next')] } as const;
  const [outcome] = await broker.produce([{ topic, partition, payload }]);
  if (outcome?.error !== undefined) return mayFail ? undefined : outcome.error.message;
  return outcome?.baseOffset === TEXTS.length ? undefined : `next got ${outcome?.baseOffset}`;
}

function open(files: BoundedFiles, database: DatabaseSync): Promise<LocalBroker> {
  const owner = { previousRun: 'clean', release: async () => {} } as const;
  const kept = { owner, catalogue: Catalogue.open(database, 'x'.repeat(22)) };
  return LocalBroker.open(localBrokerOptions({ directory: '/data', files, kept }));
}

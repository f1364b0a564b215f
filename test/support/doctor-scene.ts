/** A data directory on the real disk with one topic of two partitions and a commit, stopped in order. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalBroker } from '../../src/broker/local/local-broker.ts';
import { textRecord } from './batches.ts';
import { localBrokerOptions } from './local-broker.ts';
import { temporaryDirectory } from './temporary-directory.ts';

export interface DoctorScene {
  readonly directory: string;
  /** Of orders/0; three segments of two records each. */
  readonly partition: string;
}

export async function doctorScene(): Promise<DoctorScene> {
  const directory = await temporaryDirectory();
  const broker = await LocalBroker.open(localBrokerOptions({ directory }));
  const configOverrides = new Map([['segment.bytes', '400']]);
  const spec = { name: 'orders', partitionCount: 2, configOverrides };
  const { topicId } = await broker.createTopic(spec);
  for (let at = 0; at < 6; at += 1) await produce(broker, 0, `${at}`.repeat(100));
  await produce(broker, 1, 'other');
  const place = { topic: 'orders', partition: 0, leaderEpoch: -1, metadata: '' };
  for (const offset of [1, 2, 3]) {
    const offsets = [{ ...place, offset }];
    await broker.commitOffsets({ group: 'g', memberId: '', generation: -1, offsets });
  }
  await broker.close();
  const partition = join(directory, 'topics', topicId.replaceAll('-', ''), '0');
  return { directory, partition };
}

export async function produce(broker: LocalBroker, partition: number, value: string) {
  const payload = { kind: 'records', records: [textRecord(value)] } as const;
  const [outcome] = await broker.produce([{ topic: 'orders', partition, payload }]);
  return outcome;
}

/** Every path below a directory with its content and times; the lock's own file is not opened. */
export async function pictureOf(directory: string): Promise<Map<string, string>> {
  const picture = new Map<string, string>();
  for (const entry of await readdir(directory, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    const { mtimeMs, ctimeMs } = await stat(path);
    const isRead = entry.isFile() && entry.name !== 'owner.db';
    const content = isRead ? (await readFile(path)).toString('latin1') : '';
    picture.set(path, `${mtimeMs} ${ctimeMs} ${content}`);
  }
  return picture;
}

/** Everything that a partition holds, as a test compares it. */
import type { Broker } from '../../src/broker/broker.ts';
import type { StoredRecord } from '../../src/model/record.ts';
import { recordsIn } from './batches.ts';

export async function recordsOfPartition(
  broker: Broker,
  topic: string,
  partition = 0,
): Promise<StoredRecord[]> {
  const maxBytes = 2 ** 30;
  const [result] = await broker.fetch({
    partitions: [{ topic, partition, offset: 0, maxBytes }],
    minBytes: 0,
    maxBytes,
    maxWaitMs: 0,
  });
  if (result?.error !== undefined) throw result.error;
  return recordsIn(result?.batches ?? Buffer.alloc(0));
}

/** Values as text, over all partitions in their order. */
export async function valuesOfTopic(broker: Broker, topic: string): Promise<(string | null)[]> {
  const { partitionCount } = await broker.topic(topic);
  const values: (string | null)[] = [];
  for (let partition = 0; partition < partitionCount; partition++) {
    for (const { value } of await recordsOfPartition(broker, topic, partition)) {
      values.push(value === null ? null : Buffer.from(value).toString());
    }
  }
  return values;
}

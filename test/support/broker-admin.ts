/** The client of a simulated broker that makes topics, removes them and lets them grow. */
import type { Step } from './broker-plan.ts';
import { listTopics } from './broker-readers.ts';
import { knownTopic } from './broker-world.ts';
import { MAX_MESSAGE_BYTES } from './broker-writers.ts';
import type { World } from './broker-world.ts';

const PARTITIONS_MAX = 3;

export async function changeTopics(world: World, step: Step): Promise<void> {
  const { client, topic } = step;
  switch (step.kind) {
    case 'create topic':
      await createTopic(world, step);
      return;
    case 'delete topic': {
      const { topicId } = await world.seen(topic);
      await world.ask(client, { kind: 'delete topic', topic, topicId }, async () => {
        await world.broker.deleteTopic(topic);
        return { kind: 'done' };
      });
      return;
    }
    case 'add partitions': {
      const partitions = 1 + (step.partition % PARTITIONS_MAX);
      await world.ask(client, { kind: 'add partitions', topic, partitions }, async () => ({
        kind: 'topics',
        topics: [knownTopic(await world.broker.addPartitions(topic, partitions))],
      }));
      return;
    }
    default:
      await listTopics(world, client);
  }
}

async function createTopic(world: World, step: Step): Promise<void> {
  const { client, topic, draw, count, isHasty } = step;
  const configOverrides = new Map([
    ['segment.bytes', ['400', '2000', '1000000'][Math.floor(draw * 3)] ?? '400'],
    ['segment.ms', isHasty ? '5000' : '604800000'],
    ['retention.ms', count === 2 ? '20000' : '-1'],
    ['max.message.bytes', String(step.partition === 0 ? 1_048_588 : MAX_MESSAGE_BYTES)],
    ['retention.bytes', count === 4 ? '1500' : '-1'],
  ]);
  const partitionCount = 1 + (step.partition % PARTITIONS_MAX);
  await world.ask(client, { kind: 'create topic', topic }, async () => ({
    kind: 'topics',
    topics: [
      knownTopic(await world.broker.createTopic({ name: topic, partitionCount, configOverrides })),
    ],
  }));
}

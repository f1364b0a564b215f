/**
 * Apache Kafka: one process that is broker and controller, with the settings and the flags of Java
 * that its distribution starts it with. As it comes it leaves syncing to the system; the other syncs
 * every append.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Assembled } from '../../test/support/clients/client.ts';
import type { WireRequest } from '../../test/support/kafka-wire.ts';
import { KafkaWire } from '../../test/support/kafka-wire.ts';
import { freePort, startProcess } from '../support/processes.ts';
import type { KafkaPlace } from './kafka-face.ts';
import { fillTopic, kafkaWay, tryFetch, tryProduce } from './kafka-face.ts';
import { javaArguments, javaWay, runJava } from './kafka-java.ts';
import type { Peer, Running, Way } from './peer.ts';

export function kafkaPeers(java: Assembled): Peer[] {
  const name = `Kafka ${java.version}`;
  return [
    { name: `${name}, synced`, isSynced: true },
    { name: `${name}, as it comes`, isSynced: false },
  ].map((each) => ({
    name: each.name,
    start: (directory) => start({ ...each, java, directory }),
  }));
}

interface Given {
  readonly name: string;
  readonly isSynced: boolean;
  readonly java: Assembled;
  readonly directory: string;
}

/** As bin/kafka-server-start.sh and bin/kafka-run-class.sh have them. */
const JAVA_FLAGS = [
  ...['-Xmx1G', '-Xms1G', '-server', '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20'],
  ...['-XX:InitiatingHeapOccupancyPercent=35', '-XX:+ExplicitGCInvokesConcurrent'],
];

async function start(given: Given): Promise<Running> {
  const { java, directory } = given;
  const [port, controllerPort] = [await freePort(), await freePort()];
  const settings = join(directory, 'server.properties');
  await mkdir(directory);
  await writeFile(settings, properties({ ...given, port, controllerPort }));
  const id = Buffer.from('millrace-measure').toString('base64url');
  const format = ['format', '--cluster-id', id, '--config', settings, '--standalone'];
  await runJava(java, ['kafka.tools.StorageTool', ...format]);
  const firstRequest = async (): Promise<void> => {
    await createTopic(port, 'first');
    await tryProduce(port, 'first');
  };
  const args = [...JAVA_FLAGS, ...javaArguments(java), 'kafka.Kafka', settings];
  const started = await startProcess({ command: 'java', args, firstRequest });
  const place: KafkaPlace = {
    port,
    createTopic: (topic) => createReadyTopic(port, topic),
    deleteTopic: (topic) => deleteTopic(port, topic),
  };
  const fill = (records: number): Promise<void> => fillTopic(place, records);
  return { ...started, fill, ways: waysTo(given, place) };
}

/** Reading back is the same for both, and shown once. */
function waysTo({ name, isSynced, java }: Given, place: KafkaPlace): Way[] {
  const { readBack, ...raw } = kafkaWay(place);
  const { batches, readBack: javaReadBack } = javaWay(java, place);
  return [
    { name, ...raw, ...(!isSynced && { readBack }) },
    { name: `${name}, Java client`, batches, ...(!isSynced && { readBack: javaReadBack }) },
  ];
}

/** The distribution's config/server.properties, but for places, and one setting. */
function properties(
  facts: Given & { readonly port: number; readonly controllerPort: number },
): string {
  const controller = `127.0.0.1:${facts.controllerPort}`;
  return [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.bootstrap.servers=${controller}`,
    `listeners=PLAINTEXT://127.0.0.1:${facts.port},CONTROLLER://${controller}`,
    'controller.listener.names=CONTROLLER',
    'listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    'num.network.threads=3',
    'num.io.threads=8',
    'socket.send.buffer.bytes=102400',
    'socket.receive.buffer.bytes=102400',
    `log.dirs=${join(facts.directory, 'logs')}`,
    'offsets.topic.replication.factor=1',
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.min.isr=1',
    // What flush.messages of a topic is called here.
    ...(facts.isSynced ? ['log.flush.interval.messages=1'] : []),
    '',
  ].join('\n');
}

async function createReadyTopic(port: number, topic: string): Promise<void> {
  await createTopic(port, topic);
  for (;;) {
    try {
      return await tryFetch(port, topic);
    } catch {
      // It tells of a topic before it serves it.
      await pause(5);
    }
  }
}

const TIMEOUT_MS = 30_000;
const ALREADY_EXISTS = 36;

function createTopic(port: number, topic: string): Promise<void> {
  const request: WireRequest = {
    key: 19,
    version: 4,
    body: (writer) => {
      writer.writeArray([topic], (name) => {
        writer.writeString(name);
        writer.writeInt32(1); // partitions
        writer.writeInt16(1); // replicas
        writer.writeArray([], () => {}); // assignments
        writer.writeArray([], () => {}); // configs
      });
      writer.writeInt32(TIMEOUT_MS);
      writer.writeBoolean(false); // It is not only to be validated.
    },
  };
  return askAboutTopic(port, request);
}

function deleteTopic(port: number, topic: string): Promise<void> {
  const request: WireRequest = {
    key: 20,
    version: 3,
    body: (writer) => {
      writer.writeArray([topic], (name) => writer.writeString(name));
      writer.writeInt32(TIMEOUT_MS);
    },
  };
  return askAboutTopic(port, request);
}

async function askAboutTopic(port: number, request: WireRequest): Promise<void> {
  const wire = await KafkaWire.connect(port);
  try {
    const answer = await wire.ask(request);
    answer.readInt32('throttle_time_ms');
    answer.readArray({ field: 'topics', elementBytesMin: 1, countMax: 1 }, () => {
      const topic = answer.readString('name');
      const error = answer.readInt16('error_code');
      if (request.key === 19) answer.readNullableString('error_message');
      if (error !== 0 && error !== ALREADY_EXISTS) throw new Error(`${topic}: error ${error}`);
    });
  } finally {
    wire.destroy();
  }
}

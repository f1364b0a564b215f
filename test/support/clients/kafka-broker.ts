/**
 * A real Kafka broker in one process (KRaft, combined mode), from the artefacts that the Java tests
 * use anyway: what it writes is what Kafka's format is.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ReadyClient } from './client.ts';
import { javaArguments, runJavaTool } from './java-client.ts';

export interface KafkaBroker {
  readonly address: string;
  /** With a directory for each partition, `TOPIC-PARTITION`. */
  readonly logDirectory: string;
  /** In order, so that everything lies on disk. */
  stop(): Promise<void>;
}

const STARTED = 'Kafka Server started';

export async function startKafkaBroker(java: ReadyClient, directory: string): Promise<KafkaBroker> {
  const [port, controllerPort] = await freePorts(2);
  const address = `127.0.0.1:${port}`;
  const logDirectory = join(directory, 'kafka');
  const settings = join(directory, 'server.properties');
  await mkdir(directory, { recursive: true });
  await writeFile(settings, properties({ address, controllerPort, logDirectory }));
  const id = Buffer.from('millrace-testing').toString('base64url');
  const format = ['format', '--cluster-id', id, '--config', settings, '--standalone'];
  const formatted = await runJavaTool(java, ['kafka.tools.StorageTool', ...format]);
  if (formatted.code !== 0) throw new Error(formatted.out + formatted.err);

  const tellsWhenStarted = '-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info';
  const child = spawn('java', javaArguments(java, [tellsWhenStarted, 'kafka.Kafka', settings]));
  const closed = once(child, 'close');
  // A test that fails before it could stop it leaves none behind.
  process.once('exit', () => child.kill('SIGKILL'));
  let log = '';
  child.stdout.resume();
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      log += `${line}\n`;
      if (line.includes(STARTED)) resolve();
    });
    child.on('close', () => reject(new Error(`the broker ended: ${log}`)));
  });
  return {
    address,
    logDirectory,
    async stop() {
      child.kill('SIGTERM');
      await closed;
    },
  };
}

/** Free a moment ago: Kafka has to be told its own ports before it binds them. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

function properties(facts: {
  readonly address: string;
  readonly controllerPort: number | undefined;
  readonly logDirectory: string;
}): string {
  const controller = `127.0.0.1:${facts.controllerPort}`;
  return [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.bootstrap.servers=${controller}`,
    `listeners=PLAINTEXT://${facts.address},CONTROLLER://${controller}`,
    'controller.listener.names=CONTROLLER',
    'listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    `log.dirs=${facts.logDirectory}`,
    // Its internal topics, small: one broker, and a quick start.
    'offsets.topic.replication.factor=1',
    'offsets.topic.num.partitions=1',
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.min.isr=1',
    'transaction.state.log.num.partitions=1',
    'group.initial.rebalance.delay.ms=0',
    // It keeps and rolls by the records' own times, and those of the tests are old.
    'log.retention.ms=-1',
    'log.roll.ms=9223372036854775807',
    '',
  ].join('\n');
}

/**
 * Kafka's own Java client, as its tools for measuring drive it: what encodes, decodes and starts as
 * users' programs do.
 */
import { join } from 'node:path';
import type { Assembled } from '../../test/support/clients/client.ts';
import { runCommand } from '../../test/support/clients/command.ts';
import { READ } from './kafka-face.ts';
import type { KafkaPlace } from './kafka-face.ts';
import type { Way } from './peer.ts';
import { RECORD_BYTES } from './peer.ts';

/** As many as take it a few seconds, most of which it is warm. */
const RECORDS = 1_000_000;
const TOPIC = 'java';

export function javaArguments({ directory }: Assembled): string[] {
  const quiet = '-Dorg.slf4j.simpleLogger.defaultLogLevel=error';
  return [quiet, '-cp', join(directory, 'lib', '*')];
}

export async function runJava(java: Assembled, args: readonly string[]): Promise<string> {
  // The heap that bin/kafka-producer-perf-test.sh gives it.
  const { code, out, err } = await runCommand('java', [
    '-Xmx512M',
    ...javaArguments(java),
    ...args,
  ]);
  if (code !== 0) throw new Error(out + err);
  return out;
}

type JavaWay = Required<Pick<Way, 'batches' | 'readBack'>>;

export function javaWay(java: Assembled, place: KafkaPlace): JavaWay {
  const server = ['--bootstrap-server', `127.0.0.1:${place.port}`];
  return {
    async batches() {
      await place.createTopic(TOPIC);
      const out = await runJava(java, [
        ...['org.apache.kafka.tools.ProducerPerformance', ...server, '--topic', TOPIC],
        ...[
          '--num-records',
          `${RECORDS}`,
          '--record-size',
          `${RECORD_BYTES}`,
          '--throughput',
          '-1',
        ],
        // Batches of about as many records as the others send at once.
        ...['--command-property', 'acks=all', 'batch.size=131072'],
      ]);
      await place.deleteTopic(TOPIC);
      return figureIn(out, /([\d.]+) records\/sec/g);
    },
    async readBack(records) {
      const tool = ['org.apache.kafka.tools.ConsumerPerformance', ...server, '--topic', READ];
      const out = await runJava(java, [...tool, '--num-records', `${records}`, '--hide-header']);
      // The last of its figures is the rate without the time that joining the group took.
      return figureIn(out, /([\d.]+)\s*$/g);
    },
  };
}

/** The last one. */
function figureIn(out: string, pattern: RegExp): number {
  const found = Number([...out.matchAll(pattern)].at(-1)?.[1]);
  if (Number.isNaN(found)) throw new Error(out);
  return found;
}

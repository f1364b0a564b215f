import { describe, expect, it } from 'vitest';
import type { KafkaWriter } from '../src/codec/kafka-writer.ts';
import { readSettings } from '../src/config.ts';
import type { Settings } from '../src/config.ts';
import { startServer } from '../src/server.ts';
import { KafkaWire } from './support/kafka-wire.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

function settings(directory: string, port = '0', kafkaPort = '0'): Settings {
  const ports = ['--http-port', port, '--kafka-port', kafkaPort];
  const given = ['--data-dir', directory, ...ports, '--log-level', 'silent'];
  const read = readSettings(given, {});
  if (read === 'help') throw new Error('not asked for');
  return read;
}

describe('the server', () => {
  it('serves at the address it names, until it is told to stop', async () => {
    const server = await startServer(settings(await temporaryDirectory()));
    expect((await fetch(`${server.url}/health/ready`)).status).toBe(200);
    const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>();
    const stopped = server.runUntil(promise);
    resolve('SIGTERM');
    expect(await stopped).toBe(0);
    await expect(fetch(server.url)).rejects.toThrow('fetch failed');
  });

  it('speaks Kafka at the other address it names, or not at all', async () => {
    const server = await startServer(settings(await temporaryDirectory()));
    const wire = await KafkaWire.connect(Number(server.kafka?.split(':')[1]));
    const answer = await wire.ask({ key: 3, version: 12, body: writeNoTopics });
    expect(answer.readInt32('throttle_time_ms')).toBe(0);
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toMatch(/^millrace_kafka_requests_total\{api="Metadata"\} 1$/m);
    expect(await server.runUntil(Promise.resolve('SIGTERM'))).toBe(0);
    expect(await wire.closed).toHaveLength(0);

    const silent = await startServer(settings(await temporaryDirectory(), '0', 'off'));
    expect(silent.kafka).toBeUndefined();
    expect(await silent.runUntil(Promise.resolve('SIGTERM'))).toBe(0);
  });

  it('answers a parked fetch when it stops, and does not wait for its time', async () => {
    const server = await startServer(settings(await temporaryDirectory()));
    await fetch(`${server.url}/topics/quiet`, { method: 'PUT' });
    const parked = fetch(`${server.url}/topics/quiet/partitions/0/records?timeout=60000`);
    await untilParked(server.url);
    expect(await server.runUntil(Promise.resolve('SIGTERM'))).toBe(0);
    expect([200, 503]).toContain((await parked).status);
  });

  it('frees the data directory when its port is taken', async () => {
    const directory = await temporaryDirectory();
    const first = await startServer(settings(await temporaryDirectory()));
    const port = new URL(first.url).port;
    await expect(startServer(settings(directory, port))).rejects.toThrow();
    await first.runUntil(Promise.resolve('SIGTERM'));
    const again = await startServer(settings(directory));
    expect(await again.runUntil(Promise.resolve('SIGTERM'))).toBe(0);
  });

  it('keeps topics, configs and records from one run to the next', async () => {
    const directory = await temporaryDirectory();
    const headers = { 'content-type': 'application/json' };
    const first = await startServer(settings(directory));
    const body = '{"partitions": 2, "configs": {"retention.ms": "5000"}}';
    await fetch(`${first.url}/topics/kept`, { method: 'PUT', headers, body });
    const records = '{"records": [{"value": 12345678901234567890, "partition": 1}]}';
    await fetch(`${first.url}/topics/kept`, { method: 'POST', headers, body: records });
    await first.runUntil(Promise.resolve('SIGTERM'));

    const second = await startServer(settings(directory));
    const topic = await (await fetch(`${second.url}/topics/kept`)).json();
    expect(topic).toMatchObject({ configs: { 'retention.ms': '5000' }, partitions: [{}, {}] });
    const answer = await fetch(`${second.url}/topics/kept/partitions/1/records`);
    expect(await answer.text()).toContain('"value":12345678901234567890');
    await second.runUntil(Promise.resolve('SIGTERM'));
  });
});

function writeNoTopics(writer: KafkaWriter): void {
  writer.writeArray([], () => {});
  writer.writeBoolean(false);
  writer.writeBoolean(false);
  writer.writeTags();
}

/** The fetch is under way when the server counts it. */
async function untilParked(url: string): Promise<void> {
  for (;;) {
    const metrics = await (await fetch(`${url}/metrics`)).text();
    if (/^millrace_parked_fetches 1$/m.test(metrics)) return;
  }
}

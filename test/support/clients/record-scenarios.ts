/** What every client has to manage with records: producing, reading, choosing partitions. */
import { expect } from 'vitest';
import { readBatchHeader } from '../../../src/codec/batch-header.ts';
import { batchesIn } from '../batches.ts';
import { callJson } from '../http-call.ts';
import { postBatches, readInEveryForm } from '../http-readings.ts';
import {
  plainBatches,
  recordedSegment,
  recordsOfCalls,
  segmentCalls,
} from '../recorded-segment.ts';
import { clientTest } from './client.ts';
import type { ProduceCall } from './driver.ts';
import type { DriverScene } from './driver-scene.ts';

interface RecordAbilities {
  /** What the client cannot say is left out of what it is asked to produce. */
  readonly adapt?: (call: ProduceCall) => ProduceCall;
  /** Codecs that it does not bring itself. */
  readonly plugged?: string;
  /** The partitioner that chooses as Java does, where that is not the client's own default. */
  readonly partitioner?: string;
}

export function recordScenarios(scene: DriverScene, abilities: RecordAbilities = {}): void {
  const { adapt, plugged, partitioner } = abilities;
  clientTest(
    scene.name,
    'creates a topic by producing to it, in every codec and idempotent, and HTTP reads the records' +
      (plugged === undefined ? '' : ` (${plugged} plugged in)`),
    async (client) => {
      const driver = scene.start(client);
      const calls = segmentCalls('produced')
        .filter(({ transaction }) => transaction === undefined)
        .map((call) => adapt?.(call) ?? call);
      for (const [index, call] of calls.entries()) {
        const places = call.records.map((_, at) => ({ partition: 0, offset: 3 * index + at }));
        expect(await driver.produce(call)).toEqual(places);
      }
      const at = { url: scene.server.url, topic: 'produced' };
      for (const [form, records] of Object.entries(await readInEveryForm(at))) {
        expect(records, form).toEqual(recordsOfCalls(calls));
      }
      // Stored as they came: compressed, and with the producer's id.
      const stored = batchesIn(await rawBatches(at)).map((batch) => readBatchHeader(batch, 0));
      expect(stored.map((header) => [header.compression, header.producerId >= 0])).toEqual(
        calls.map(({ codec, idempotent }) => [codec, idempotent]),
      );
    },
  );

  clientTest(
    scene.name,
    'reads what came over HTTP as JSON, and from the middle of what other clients compressed',
    async (client) => {
      const url = `${scene.server.url}/topics/http`;
      const headers = [
        { key: 'h', value: 'x' },
        { key: 'nothing', value: null },
      ];
      const records = [
        { key: 'ada', value: 'tea', headers, timestamp: 1_700_000_000_000 },
        { key: null, value: 'rye', headers: [], timestamp: 1_700_000_000_001 },
        { key: 'bób', value: null, headers: [], timestamp: 1_700_000_000_002 },
      ];
      await callJson(`${url}/partitions/0?format=text`, 'POST', { records });
      const driver = scene.start(client);
      const place = { topic: 'http', partition: 0 };
      const expected = records.map((record, offset) => ({ ...record, ...place, offset }));
      expect(await driver.read({ ...place, from: 0, count: 3 })).toEqual(expected);

      const segment = plainBatches(await recordedSegment());
      const batches = { topic: 'batches', partition: 0 };
      expect((await postBatches({ url: scene.server.url, ...batches }, segment)).status).toBe(200);
      const calls = segmentCalls('batches').slice(0, -1);
      const all = recordsOfCalls(calls).map((record) => ({ ...record, ...batches }));
      expect(await driver.read({ ...batches, from: 4, count: 26 })).toEqual(all.slice(4));
    },
  );

  clientTest(
    scene.name,
    'sends each key to the partition that HTTP sends it to' +
      (partitioner === undefined ? '' : ` (with ${partitioner})`),
    async (client) => {
      const at = { url: scene.server.url, topic: 'keyed' };
      const url = `${at.url}/topics/keyed`;
      await callJson(url, 'PUT', { partitions: 7 });
      const keys = ['ada', 'bób', '日本', 'x'.repeat(300), ...numbered(40)];
      const records = keys.map((key) => ({ key, value: key }));
      await scene.start(client).produce({ topic: 'keyed', records });
      await callJson(`${url}?format=text`, 'POST', { records });
      const found: string[] = [];
      for (const partition of [0, 1, 2, 3, 4, 5, 6]) {
        const { JSON: read = [] } = await readInEveryForm({ ...at, partition });
        const ofPartition = read.map(({ key }) => key ?? '');
        // Each key once from the client, and once over HTTP.
        expect(ofPartition.length).toBeGreaterThan(0);
        for (const key of ofPartition) {
          expect(ofPartition.filter((other) => other === key)).toHaveLength(2);
        }
        found.push(...new Set(ofPartition));
      }
      expect(found.toSorted()).toEqual(keys.toSorted());
    },
  );
}

async function rawBatches({ url, topic }: { url: string; topic: string }): Promise<Buffer> {
  const answer = await fetch(`${url}/topics/${topic}/partitions/0/records`, {
    headers: { accept: 'application/vnd.kafka.recordbatch' },
  });
  return Buffer.from(await answer.arrayBuffer());
}

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `key ${index}`);
}

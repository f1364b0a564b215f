/** What an idempotent producer has to manage: every record once, whatever happens to the server. */
import { expect } from 'vitest';
import { callJson } from '../http-call.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { clientTest } from './client.ts';
import type { DriverScene } from './driver-scene.ts';
import { MillraceScene } from './driver-scene.ts';

/** Many batches of the usual 16 KiB. */
const RECORDS = 20_000;
const POLL = { timeout: 30_000, interval: 1 };

export function retryScenario(scene: DriverScene): void {
  clientTest(
    scene.name,
    'produces idempotently over a kill -9 of the server: each record once, and in order',
    async (client) => {
      const server = new MillraceScene(await temporaryDirectory());
      await server.start();
      const topic = `${server.url}/topics/killed`;
      await callJson(topic, 'PUT', { partitions: 1 });
      const driver = scene.start(client, server.kafka);
      const values = Array.from({ length: RECORDS }, (_, index) => `${index} ${'x'.repeat(90)}`);
      const records = values.map((value) => ({ key: null, value, partition: 0 }));
      const produced = driver.produce({ topic: 'killed', records, idempotent: true });
      await expect.poll(() => endOf(topic), POLL).toBeGreaterThan(0);
      await server.killAndStart();
      // Killed in the middle, and not after all was done.
      expect(await endOf(topic)).toBeLessThan(RECORDS);
      await produced;
      const lines = await fetch(`${topic}/partitions/0/records?format=text`, {
        headers: { accept: 'application/x-ndjson' },
      });
      const stored = (await lines.text()).trim().split('\n');
      expect(stored.map((line) => (JSON.parse(line) as { value: string }).value)).toEqual(values);
    },
  );
}

async function endOf(topicUrl: string): Promise<number> {
  const { partitions } = (await callJson(topicUrl, 'GET')) as {
    partitions: { end_offset: number }[];
  };
  return partitions[0]?.end_offset ?? 0;
}

/** What every client with an administrator's side has to manage: topics, records, groups. */
import { expect } from 'vitest';
import { callJson } from '../http-call.ts';
import { clientTest } from './client.ts';
import type { DriverScene } from './driver-scene.ts';

export function adminScenarios(scene: DriverScene): void {
  clientTest(
    scene.name,
    'creates, describes, configures, grows and deletes a topic as HTTP sees it',
    async (client) => {
      const url = `${scene.server.url}/topics/managed`;
      const driver = scene.start(client);
      const topic = 'managed';
      const configs = { 'retention.ms': '1234567' };
      await driver.call('create', { topic, partitions: 2, configs });
      expect(await driver.call('describe', { topic })).toMatchObject({ partitions: 2, configs });
      expect(await callJson(url, 'GET')).toMatchObject({ configs });
      await driver.call('configure', { topic, configs: { 'retention.ms': '7654321' } });
      await driver.call('grow', { topic, partitions: 5 });
      const changed = (await callJson(url, 'GET')) as { configs: object; partitions: unknown[] };
      expect(changed.configs).toMatchObject({ 'retention.ms': '7654321' });
      expect(changed.partitions).toHaveLength(5);
      await expect(driver.call('create', { topic, partitions: 2 })).rejects.toThrow(/exists/i);
      await driver.call('delete', { topic });
      expect((await fetch(url)).status).toBe(404);
    },
  );

  clientTest(
    scene.name,
    'finds an offset by time, deletes records before it, and manages a group of HTTP',
    async (client) => {
      const { url } = scene.server;
      const place = { topic: 'timed', partition: 0 };
      const times = [0, 1_000, 2_000].map((ms) => 1_700_000_000_000 + ms);
      const records = times.map((timestamp) => ({ value: timestamp, timestamp }));
      await callJson(`${url}/topics/timed`, 'PUT', { partitions: 1 });
      await callJson(`${url}/topics/timed`, 'POST', { records });
      const driver = scene.start(client);
      const timestamp = 1_700_000_000_500;
      expect(await driver.call('offset-at', { ...place, timestamp })).toEqual({ offset: 1 });
      await driver.call('delete-records', { ...place, before: 1 });
      const [kept] = (await readAll(`${url}/topics/timed`)).records;
      expect(kept?.offset).toBe(1);

      const commit = { offsets: [{ ...place, offset: 2 }] };
      await callJson(`${url}/groups/audit/offsets`, 'POST', commit);
      const { groups } = (await driver.call('groups')) as { groups: string[] };
      expect(groups).toContain('audit');
      expect(await driver.call('committed', { group: 'audit', ...place })).toEqual({ offset: 2 });
      await driver.call('delete-group', { group: 'audit' });
      expect((await fetch(`${url}/groups/audit`)).status).toBe(404);
    },
  );
}

async function readAll(topicUrl: string): Promise<{ records: { offset: number }[] }> {
  const answer = await callJson(`${topicUrl}/partitions/0/records`, 'GET');
  return answer as { records: { offset: number }[] };
}

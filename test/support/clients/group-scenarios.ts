/** What every client has to manage as a member of a group, beside members over HTTP. */
import { expect } from 'vitest';
import { callJson } from '../http-call.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { clientTest } from './client.ts';
import type { ReadRecord, TopicPartition } from './driver.ts';
import type { DriverScene } from './driver-scene.ts';
import { MillraceScene } from './driver-scene.ts';
import { HttpMember } from './http-member.ts';

const PARTITIONS = [0, 1, 2, 3];
const POLL = { timeout: 30_000, interval: 20 };

interface GroupAbilities {
  /** The assignor that it has in common with members over HTTP, where it does not offer it anyway. */
  readonly assignor?: string;
}

export function groupScenarios(scene: DriverScene, { assignor }: GroupAbilities = {}): void {
  clientTest(
    scene.name,
    'shares a group with a member over HTTP, takes over from it and hands over to it' +
      (assignor === undefined ? '' : ` (with ${assignor})`),
    async (client) => {
      const { url } = scene.server;
      const group = `${url}/groups/shared`;
      await callJson(`${url}/topics/shared`, 'PUT', { partitions: PARTITIONS.length });
      const driver = scene.start(client);
      await driver.subscribe({ group: 'shared', topics: ['shared'] });
      await expect.poll(() => numbersOf(driver.assigned), POLL).toEqual(PARTITIONS);

      const member = new HttpMember(url, 'shared', ['shared']);
      const until = async (isSo: () => boolean) => {
        while (!isSo()) await member.turn();
      };
      await until(() => driver.assigned.length === 2 && member.assigned.length === 2);
      expect(numbersOf([...driver.assigned, ...member.assigned])).toEqual(PARTITIONS);
      const values = await produce(`${url}/topics/shared`, 0);
      await until(() => driver.records.length + member.records.length >= values.length);
      await driver.commit();
      expect(valuesOf([...driver.records, ...member.records])).toEqual(values);
      for (const { records, assigned } of [driver, member]) expectOwned(records, assigned);
      expect(await callJson(`${group}/lag`, 'GET')).toMatchObject({ total_lag: 0 });

      await member.leave();
      await expect.poll(() => numbersOf(driver.assigned), POLL).toEqual(PARTITIONS);
      const more = await produce(`${url}/topics/shared`, 40);
      await expect.poll(() => driver.records.length + member.records.length, POLL).toBe(80);
      await driver.commit();
      expect(valuesOf([...driver.records, ...member.records])).toEqual([...values, ...more].sort());

      await driver.leave();
      await until(() => member.assigned.length === PARTITIONS.length);
      const last = await produce(`${url}/topics/shared`, 80);
      const before = member.records.length;
      await until(() => member.records.length >= before + last.length);
      expect(valuesOf(member.records.slice(before))).toEqual(last);
      await member.leave();
    },
  );

  clientTest(
    scene.name,
    'goes on reading where it was after a kill -9 of the server, without a record twice',
    async (client) => {
      const server = new MillraceScene(await temporaryDirectory());
      await server.start();
      const topic = `${server.url}/topics/killed`;
      await callJson(topic, 'PUT', { partitions: PARTITIONS.length });
      const driver = scene.start(client, server.kafka);
      await driver.subscribe({ group: 'killed', topics: ['killed'] });
      const values = await produce(topic, 0);
      await expect.poll(() => driver.records, POLL).toHaveLength(values.length);
      await driver.commit();
      await server.killAndStart();
      values.push(...(await produce(topic, 40)));
      await expect.poll(() => driver.records.length, POLL).toBeGreaterThanOrEqual(values.length);
      await driver.commit();
      expect(valuesOf(driver.records)).toEqual(values.sort());
      const lag = await callJson(`${server.url}/groups/killed/lag`, 'GET');
      expect(lag).toMatchObject({ total_lag: 0 });
      await driver.leave();
    },
  );
}

/** Forty records, ten a partition; their values, sorted. */
async function produce(topicUrl: string, from: number): Promise<string[]> {
  const values = Array.from({ length: 40 }, (_, index) => `value ${from + index}`);
  const records = values.map((value, index) => ({ value, partition: index % PARTITIONS.length }));
  await callJson(`${topicUrl}?format=text`, 'POST', { records });
  return values.toSorted();
}

function valuesOf(records: readonly ReadRecord[]): string[] {
  return records.map(({ value }) => value ?? '').toSorted();
}

function numbersOf(places: readonly TopicPartition[]): number[] {
  return places.map(({ partition }) => partition).toSorted((a, b) => a - b);
}

/** Records of its own partitions alone, each partition's in order. */
function expectOwned(records: readonly ReadRecord[], owned: readonly TopicPartition[]): void {
  const mine = numbersOf(owned);
  for (const { partition } of records) expect(mine).toContain(partition);
  for (const partition of mine) {
    const offsets = records
      .filter((each) => each.partition === partition)
      .map((each) => each.offset);
    expect(offsets).toEqual(offsets.map((_, index) => index));
  }
}

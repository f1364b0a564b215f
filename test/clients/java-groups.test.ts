/** What the Java client alone is asked about groups: cooperative rebalances and static members. */
import { expect } from 'vitest';
import { clientTest } from '../support/clients/client.ts';
import type { Driver } from '../support/clients/driver.ts';
import { driverScene } from '../support/clients/driver-scene.ts';
import { startJavaDriver } from '../support/clients/java-client.ts';
import { callJson } from '../support/http-call.ts';

const scene = await driverScene('java', startJavaDriver);

const POLL = { timeout: 30_000, interval: 20 };
const COOPERATIVE = 'org.apache.kafka.clients.consumer.CooperativeStickyAssignor';

clientTest(
  'java',
  'shares a group with CooperativeStickyAssignor: who stays keeps what it does not give up (KIP-429)',
  async (java) => {
    const { url } = scene.server;
    await callJson(`${url}/topics/cooperative`, 'PUT', { partitions: 4 });
    const call = { group: 'cooperative', topics: ['cooperative'], assignor: COOPERATIVE };
    const [one, two] = [scene.start(java), scene.start(java)];
    await one.subscribe(call);
    await expect.poll(() => partitionsOf(one), POLL).toEqual([0, 1, 2, 3]);
    await two.subscribe(call);
    await expect.poll(() => partitionsOf(two), POLL).toHaveLength(2);
    await expect.poll(() => partitionsOf(one), POLL).toHaveLength(2);
    const owned = [...partitionsOf(one), ...partitionsOf(two)];
    expect(owned.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
    const { protocol } = (await callJson(`${url}/groups/cooperative`, 'GET')) as {
      protocol: string;
    };
    expect(protocol).toBe('cooperative-sticky');

    const records = [0, 1, 2, 3].map((partition) => ({ value: partition, partition }));
    await callJson(`${url}/topics/cooperative`, 'POST', { records });
    await expect.poll(() => one.records.length + two.records.length, POLL).toBe(4);
    await Promise.all([one.commit(), two.commit()]);
    // It vanishes; its session runs out.
    const kept = partitionsOf(one);
    await two.kill();
    await expect.poll(() => partitionsOf(one), POLL).toEqual([0, 1, 2, 3]);
    expect(kept).toHaveLength(2);
    await callJson(`${url}/topics/cooperative`, 'POST', { records });
    await expect.poll(() => one.records.length + two.records.length, POLL).toBe(8);
  },
);

clientTest(
  'java',
  'comes back as a static member to its partitions, without a rebalance (KIP-345)',
  async (java) => {
    const { url } = scene.server;
    await callJson(`${url}/topics/static`, 'PUT', { partitions: 4 });
    const join = async (instance: string) => {
      const driver = scene.start(java);
      await driver.subscribe({ group: 'static', topics: ['static'], instance });
      return driver;
    };
    const [one, two] = [await join('one'), await join('two')];
    const shares = () => [partitionsOf(one), partitionsOf(two)].map(({ length }) => length);
    await expect.poll(shares, POLL).toEqual([2, 2]);
    const generation = async () =>
      ((await callJson(`${url}/groups/static`, 'GET')) as { generation: number }).generation;
    const before = await generation();
    await two.kill();
    const again = await join('two');
    await expect.poll(() => partitionsOf(again), POLL).toEqual(partitionsOf(two));
    expect(await generation()).toBe(before);
    expect(partitionsOf(one)).toHaveLength(2);
  },
);

function partitionsOf({ assigned }: Driver): number[] {
  return assigned.map(({ partition }) => partition).toSorted((a, b) => a - b);
}

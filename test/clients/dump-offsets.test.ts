/**
 * Kafka's DumpLogSegments with its decoder of offsets over what Millrace keeps of consumer groups: the
 * tool reads from groups/0 what the groups' own routes say.
 */
import { join } from 'node:path';
import { expect } from 'vitest';
import type { ReadyClient } from '../support/clients/client.ts';
import { clientTest } from '../support/clients/client.ts';
import { runJavaTool } from '../support/clients/java-client.ts';
import { callJson } from '../support/http-call.ts';
import { startServerProcess } from '../support/server-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

interface Facts {
  readonly [name: string]: unknown;
}

interface DumpedRecord {
  /** Without the group. */
  readonly key: Facts;
  /** The tool's word for a tombstone is DELETE. */
  readonly value: Facts | 'DELETE';
}

clientTest(
  'java',
  'DumpLogSegments over groups: reads members, commits and deletions as the groups tell them',
  async (java) => {
    const dataDirectory = join(await temporaryDirectory(), 'data');
    const server = await startServerProcess(dataDirectory);
    const call = async (method: string, path: string, body?: unknown) =>
      (await callJson(server.url + path, method, body)) as Facts;

    await call('PUT', '/topics/orders', { partitions: 2 });
    await call('POST', '/topics/orders/partitions/1', { records: [{ value: 1 }, { value: 2 }] });
    const member = { topics: ['orders'], group_instance_id: 'instance-1' };
    await call('POST', '/groups/billing/members', member);
    const place = { topic: 'orders', partition: 1 };
    const offsets = [{ ...place, offset: 2, metadata: 'half way' }];
    await call('POST', '/groups/audit/offsets', { offsets });
    await call('POST', '/groups/gone/offsets', { offsets });
    await call('DELETE', '/groups/gone');
    const { topic_id } = await call('GET', '/topics/orders');
    const told = await call('GET', '/groups/billing');
    await server.stop();

    const dumped = await dumpOffsets(java, dataDirectory);
    expect([...dumped.keys()]).toEqual(['billing', 'audit', 'gone']);
    expect(dumped.get('billing')).toEqual([{ key: {}, value: asDumped(told) }]);
    const commit = { offset: 2, metadata: 'half way', leaderEpoch: -1 };
    const value = { ...commit, commitTimestamp: expect.any(Number), topicId: base64Url(topic_id) };
    expect(dumped.get('audit')).toEqual([{ key: place, value }]);
    expect(dumped.get('gone')).toEqual([
      { key: place, value },
      { key: {}, value: 'DELETE' },
      { key: place, value: 'DELETE' },
    ]);
  },
);

/** What a group's route says, in the tool's words. */
function asDumped(told: Facts): Facts {
  return {
    protocolType: told['protocol_type'],
    generation: told['generation'],
    protocol: told['protocol'],
    leader: told['leader'],
    currentStateTimestamp: expect.any(Number),
    members: (told['members'] as Facts[]).map((member) => ({
      memberId: member['member_id'],
      groupInstanceId: member['group_instance_id'],
      clientId: member['client_id'],
      clientHost: member['client_host'],
      rebalanceTimeout: member['rebalance_timeout_ms'],
      sessionTimeout: member['session_timeout_ms'],
      subscription: { topics: ['orders'], userData: null, ownedPartitions: [] },
      assignment: { assignedPartitions: member['assignment'], userData: null },
    })),
  };
}

function base64Url(uuid: unknown): string {
  return Buffer.from(String(uuid).replaceAll('-', ''), 'hex').toString('base64url');
}

/** By group, in the order of the log. */
async function dumpOffsets(
  java: ReadyClient,
  dataDirectory: string,
): Promise<Map<string, DumpedRecord[]>> {
  const log = join(dataDirectory, 'groups', '0', '00000000000000000000.log');
  const args = ['org.apache.kafka.tools.DumpLogSegments', '--offsets-decoder', '--files', log];
  const { code, out, err } = await runJavaTool(java, args);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const records = [...out.matchAll(/^\| offset: .* key: (\{.*?\}) payload: (.*)$/gm)];
  const byGroup = new Map<string, DumpedRecord[]>();
  for (const [, keyText = '', valueText = ''] of records) {
    const { group, ...key } = dataOf(keyText);
    const value = valueText === '<DELETE>' ? 'DELETE' : dataOf(valueText);
    const ofGroup = byGroup.get(String(group)) ?? [];
    byGroup.set(String(group), [...ofGroup, { key, value }]);
  }
  return byGroup;
}

function dataOf(text: string): Facts {
  return (JSON.parse(text) as { data: Facts }).data;
}

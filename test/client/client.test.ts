import { beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../../src/client/client.ts';
import type { OutgoingRecord } from '../../src/client/client.ts';
import type { ListeningApp } from '../support/http-app.ts';
import { listeningApp } from '../support/http-app.ts';
import { fakeServer, json } from '../support/fake-server.ts';

const signal = new AbortController().signal;

function textRecord(value: string, key?: string): OutgoingRecord {
  const coded = Buffer.from(value).toString('base64');
  return {
    value_base64: coded,
    ...(key === undefined ? {} : { key_base64: Buffer.from(key).toString('base64') }),
  };
}

describe('against a server', () => {
  let app: ListeningApp;
  let client: Client;

  beforeAll(async () => {
    app = await listeningApp();
    client = new Client(app.url, signal);
    return () => app[Symbol.asyncDispose]();
  });

  async function valuesOf(topic: string, partition: number): Promise<string[]> {
    const query = { offset: 'earliest', follow: false, format: 'base64', signal } as const;
    const values: string[] = [];
    for await (const group of client.records(topic, partition, query)) {
      for (const { fields } of group) {
        values.push(Buffer.from(fields.value_base64 ?? '', 'base64').toString());
      }
    }
    return values;
  }

  it('creates a topic once, describes, lists and deletes it', async () => {
    const wish = { partitions: 2, configs: { 'retention.ms': '1000' } };
    expect(await client.createTopic('a', wish)).toMatchObject({ isNew: true });
    const again = await client.createTopic('a', wish);
    expect(again).toMatchObject({ isNew: false, topic: { name: 'a' } });
    const topic = await client.describeTopic('a');
    expect(topic.configs['retention.ms']).toBe('1000');
    expect(topic.partitions).toMatchObject([
      { partition: 0, beginning_offset: 0, end_offset: 0, state: 'online' },
      { partition: 1 },
    ]);
    expect(await client.listTopics()).toContain('a');
    await client.deleteTopic('a');
    expect(await client.listTopics()).not.toContain('a');
  });

  it('rejects with the code of a refusal', async () => {
    await expect(client.describeTopic('none')).rejects.toMatchObject({
      code: 'UNKNOWN_TOPIC_OR_PARTITION',
    });
  });

  it('produces by key or to one partition, and reads it back', async () => {
    await client.createTopic('b', { partitions: 3 });
    await client.produce('b', 2, [textRecord('one'), textRecord('two')]);
    await client.produce('b', undefined, [textRecord('x', 'k'), textRecord('y', 'k')]);
    const all = await Promise.all([0, 1, 2].map((partition) => valuesOf('b', partition)));
    expect(all[2]?.slice(0, 2)).toEqual(['one', 'two']);
    expect(all.flat().toSorted()).toEqual(['one', 'two', 'x', 'y']);
    expect(all.some((values) => values.join().endsWith('x,y'))).toBe(true);
  });

  it('purges a topic, a partition, or what lies below an offset', async () => {
    await client.createTopic('c', { partitions: 2 });
    for (const partition of [0, 1]) {
      await client.produce('c', partition, [textRecord('1'), textRecord('2')]);
    }
    const starts = async () =>
      (await client.describeTopic('c')).partitions.map((each) => each.beginning_offset);
    await client.purge('c', { partition: 1, before: 1 });
    expect(await starts()).toEqual([0, 1]);
    await client.purge('c', { partition: 1 });
    expect(await starts()).toEqual([0, 2]);
    await client.purge('c');
    expect(await starts()).toEqual([2, 2]);
  });
});

describe('the name of a topic', () => {
  it.each(['', '.', '..', 'a/b', 'a b', 'ä', 'x'.repeat(250)])(
    'that is %j is refused before it becomes another route',
    async (name) => {
      const server = await fakeServer(json(200, {}));
      const client = new Client(server.url, signal);
      await expect(client.deleteTopic(name)).rejects.toMatchObject({
        code: 'INVALID_TOPIC_EXCEPTION',
      });
      expect(server.requests).toEqual([]);
    },
  );
});

describe('the address of a server', () => {
  it.each([
    (url: string) => url,
    (url: string) => `${url}/`,
    (url: string) => url.replace('http://', ''),
    (url: string) => url.replace('http', 'HTTP'),
  ])('may be written in several ways (%#)', async (written) => {
    const server = await fakeServer(json(200, ['t']));
    expect(await new Client(written(server.url), signal).listTopics()).toEqual(['t']);
    expect(server.requests).toEqual(['GET /topics']);
  });

  it('may be that of a path', async () => {
    const server = await fakeServer(json(200, []));
    await new Client(`${server.url}/millrace/`, signal).listTopics();
    expect(server.requests).toEqual(['GET /millrace/topics']);
  });

  it.each([
    '',
    'ftp://host',
    'http://',
    'http://user:secret@host',
    'http://host/?a=1',
    'http://host/#a',
    'a b',
  ])('is not %j', (server) => {
    expect(() => new Client(server, signal)).toThrow(TypeError);
  });
});

it('its signal ends every call but a produce', async () => {
  const silent = await fakeServer(() => {});
  const ending = new AbortController();
  const described = new Client(silent.url, ending.signal).describeTopic('t');
  ending.abort(new Error('enough'));
  await expect(described).rejects.toThrow('enough');
  const server = await fakeServer(json(200, {}));
  const client = new Client(server.url, ending.signal);
  await expect(client.listTopics()).rejects.toThrow('enough');
  await client.produce('t', undefined, [textRecord('x')]);
  expect(server.requests).toHaveLength(1);
});

/**
 * A server on which a client is the only member of a group, and rebalances, losses and lost
 * commits happen when a test says so. It counts positions as the real one does.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FakeServer } from './fake-server.ts';
import { fakeServer, json, refusal } from './fake-server.ts';

export interface FakeGroup extends FakeServer {
  /** Committed, by partition. */
  readonly committed: Map<number, number>;
  readonly joins: { readonly [name: string]: unknown }[];
  /** Partitions of the next generation. */
  assigned: number[];
  missing: string[];
  readonly left: string[];
  /** The next call of a kind is refused so, also a read that waits. */
  refuse(kind: 'fetch' | 'commit', code: string): void;
  /** A value for a partition of the topic `t`. */
  append(partition: number, value: string): void;
  /** Runs inside the next fetch, before its answer. */
  onFetch: () => unknown;
}

type Body = { readonly [name: string]: unknown };

export async function fakeGroup(...partitions: string[][]): Promise<FakeGroup> {
  const refusals: { kind: string; code: string }[] = [];
  let generation = 0;
  let wake = Promise.withResolvers<void>();
  const news = (): void => {
    wake.resolve();
    wake = Promise.withResolvers();
  };

  const refused = (kind: string, response: ServerResponse, request: IncomingMessage): boolean => {
    const at = refusals.findIndex((each) => each.kind === kind);
    if (at === -1) return false;
    const code = refusals.splice(at, 1)[0]?.code ?? '';
    void refusal(code === 'UNKNOWN_MEMBER_ID' ? 404 : 409, code)(response, request, '');
    return true;
  };

  const join = (body: Body): object => {
    group.joins.push(body);
    generation += 1;
    const start = (partition: number): number =>
      group.committed.get(partition) ??
      (body['auto_offset_reset'] === 'latest' ? (partitions[partition] ?? []).length : 0);
    const positions = group.assigned.map((partition) => [partition, start(partition)]);
    return {
      member_id: `m${generation}`,
      generation,
      assignment: group.assigned.length === 0 ? [] : [{ topic: 't', partitions: group.assigned }],
      cursor: JSON.stringify(positions),
      ...(group.missing.length > 0 && { missing_topics: group.missing }),
    };
  };

  const read = (body: Body) => {
    let left = body['max_records'] as number;
    const records: object[] = [];
    const positions = (JSON.parse(body['cursor'] as string) as [number, number][]).map(
      ([partition, from]) => {
        const values = (partitions[partition] ?? []).slice(from, from + left);
        left -= values.length;
        for (const [index, value] of values.entries()) {
          const bytes = Buffer.from(value).toString('base64');
          const content = body['format'] === 'base64' ? { value_base64: bytes } : { value };
          const place = { topic: 't', partition, offset: from + index };
          records.push({ ...place, timestamp: 1, key: null, ...content });
        }
        return [partition, from + values.length];
      },
    );
    return { records, cursor: JSON.stringify(positions), generation };
  };

  const commit = (body: Body): object => {
    for (const [partition, offset] of JSON.parse(body['cursor'] as string) as [number, number][]) {
      group.committed.set(partition, offset);
    }
    return {};
  };

  const server = await fakeServer(async (response, request, text) => {
    const { method, url = '' } = request;
    const body = (text === '' ? {} : JSON.parse(text)) as Body;
    const answer = (found: object): void => void json(200, found)(response, request, text);
    if (method === 'DELETE') {
      group.left.push(url.slice(url.lastIndexOf('/') + 1));
      return void response.writeHead(204).end();
    }
    if (url.endsWith('/fetch')) {
      const { onFetch } = group;
      group.onFetch = () => {};
      await onFetch();
      for (;;) {
        const { promise: isNews } = wake;
        if (refused('fetch', response, request)) return;
        const found = read(body);
        if (found.records.length > 0 || body['timeout_ms'] === 0) return answer(found);
        await isNews;
      }
    }
    if (url.endsWith('/members')) return answer(join(body));
    if (url.startsWith('/topics/')) return answer(topicOf(partitions));
    if (method === 'GET') return answer({ offsets: committedOf(group.committed) });
    if (!refused('commit', response, request)) answer(commit(body));
  });

  const group: FakeGroup = {
    ...server,
    committed: new Map(),
    joins: [],
    assigned: [...partitions.keys()],
    missing: [],
    left: [],
    refuse(kind, code) {
      refusals.push({ kind, code });
      news();
    },
    append(partition, value) {
      partitions[partition]?.push(value);
      news();
    },
    onFetch() {},
  };
  return group;
}

function topicOf(partitions: string[][]): object {
  const ends = partitions.map((values, partition) => ({
    partition,
    beginning_offset: 0,
    end_offset: values.length,
  }));
  return { name: 't', partitions: ends };
}

function committedOf(committed: ReadonlyMap<number, number>): object[] {
  return [...committed].map(([partition, offset]) => ({ topic: 't', partition, offset }));
}

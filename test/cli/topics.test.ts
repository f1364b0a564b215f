import { beforeAll, describe, expect, it } from 'vitest';
import type { Ran } from '../support/cli-world.ts';
import { run } from '../support/cli-world.ts';
import type { ListeningApp } from '../support/http-app.ts';
import { listeningApp } from '../support/http-app.ts';

let app: ListeningApp;

beforeAll(async () => {
  app = await listeningApp();
  return () => app[Symbol.asyncDispose]();
});

function millrace(args: string): Promise<Ran> {
  return run(app, args);
}

describe('topics list', () => {
  it('prints a name a line, or a JSON array', async () => {
    await using empty = await listeningApp();
    expect(await run(empty, 'topics list')).toEqual({ code: 0, out: '', err: '' });
    await empty.broker.createTopic({ name: 'b' });
    await empty.broker.createTopic({ name: 'a' });
    expect((await run(empty, 'topics list')).out).toBe('a\nb\n');
    expect((await run(empty, 'topics list --json')).out).toBe('["a","b"]\n');
  });
});

describe('topics create', () => {
  it('says what it made', async () => {
    expect(await millrace('topics create one')).toEqual({
      code: 0,
      out: 'created one, 1 partition\n',
      err: '',
    });
    const many = await millrace('topics create many -n 3 -c retention.ms=5 -c segment.ms=60000');
    expect(many.out).toBe('created many, 3 partitions\n');
    const { config } = await app.broker.topic('many');
    expect(config).toMatchObject({ retentionMs: 5, segmentMs: 60_000 });
  });

  it('is content with a topic that is just so', async () => {
    await millrace('topics create same -n 2');
    expect(await millrace('topics create same -n 2')).toMatchObject({
      code: 0,
      out: 'exists already: same, 2 partitions\n',
    });
  });

  it('names both values where it differs', async () => {
    await millrace('topics create differs -n 2 -c retention.ms=1000');
    const partitions = await millrace('topics create differs -n 3');
    expect(partitions).toMatchObject({ code: 1, out: '' });
    expect(partitions.err).toMatch(/^millrace: .*2.*3.*\(TOPIC_ALREADY_EXISTS\)\n$/);
    const configs = await millrace('topics create differs -c retention.ms=2000');
    expect(configs.code).toBe(1);
    expect(configs.err).toMatch(/1000.*2000/);
  });

  it.each([
    ['no', 1, 'INVALID_CONFIG', '-c nonsense=1'],
    ['no', 1, 'INVALID_PARTITIONS', '-n 99999'],
    ['no', 2, 'integer from 1', '-n 0'],
    ['no', 2, 'retention.ms=3600000', '-c nonsense'],
    ['no', 2, 'twice', '-c retention.ms=1 -c retention.ms=2'],
    ['no/such', 1, 'INVALID_TOPIC_EXCEPTION', '-n 1'],
    ['..', 1, 'INVALID_TOPIC_EXCEPTION', '-n 1'],
  ])('%s: ends with %i and says %s (%s)', async (name, code, said, options) => {
    const ran = await millrace(`topics create ${name} ${options}`);
    expect(ran).toMatchObject({ code, out: '' });
    expect(ran.err).toContain(said);
    expect((await millrace('topics list')).out).not.toContain('no\n');
  });
});

describe('topics describe', () => {
  it('prints partitions and configs, also as JSON', async () => {
    await millrace('topics create told -n 2 -c retention.ms=7');
    const { code, out } = await millrace('topics describe told');
    expect(code).toBe(0);
    expect(out).toMatch(/^told {2}\(id [0-9a-f-]{36}\)\n/);
    expect(out).toMatch(/^ {8}1 .* online$/m);
    expect(out).toMatch(/^retention\.ms +7$/m);
    const asJson = JSON.parse((await millrace('topics describe told --json')).out) as object;
    expect(asJson).toMatchObject({ name: 'told', partitions: [{ partition: 0 }, {}] });
  });

  it('tells why a partition is not online', async () => {
    await millrace('topics create hurt -n 2');
    app.broker.setPartitionState({ topic: 'hurt', partition: 1 }, 'offline', 'crc is wrong');
    expect((await millrace('topics describe hurt')).out).toContain(
      '\npartition 1 is offline: crc is wrong\n',
    );
  });
});

describe('topics purge', () => {
  it('empties a topic, a partition, or what lies below an offset', async () => {
    await millrace('topics create full -n 2');
    for (const partition of [0, 1]) {
      await run(app, `produce full -q -p ${partition}`, { stdin: '1\n2\n3\n' });
    }
    const starts = async () =>
      (await app.broker.describePartitions('full')).map((each) => each.logStartOffset);
    const part = await millrace('topics purge full -p 1 --before 2');
    expect(part).toEqual({ code: 0, out: 'purged full\n', err: '' });
    expect(await starts()).toEqual([0, 2]);
    await millrace('topics purge full -p 0');
    expect(await starts()).toEqual([3, 2]);
    await millrace('topics purge full');
    expect(await starts()).toEqual([3, 3]);
  });

  it('needs a partition to count offsets in', async () => {
    const ran = await millrace('topics purge full --before 2');
    expect(ran).toMatchObject({ code: 2, out: '' });
    expect(ran.err).toContain('--partition');
  });

  it('fails for a missing partition, and for an offset behind the end', async () => {
    await millrace('topics create small');
    expect((await millrace('topics purge small -p 9')).code).toBe(3);
    expect((await millrace('topics purge small -p 0 --before 5')).code).toBe(1);
  });
});

describe('topics delete', () => {
  it('deletes once', async () => {
    await millrace('topics create brief');
    expect(await millrace('topics delete brief')).toEqual({
      code: 0,
      out: 'deleted brief\n',
      err: '',
    });
    expect((await millrace('topics delete brief')).code).toBe(3);
  });
});

it.each(['describe', 'delete', 'purge'])('topics %s: a missing topic is 3', async (command) => {
  const ran = await millrace(`topics ${command} missing`);
  expect(ran).toMatchObject({ code: 3, out: '' });
  expect(ran.err).toMatch(/^millrace: .*missing.*\(UNKNOWN_TOPIC_OR_PARTITION\)\n$/);
});

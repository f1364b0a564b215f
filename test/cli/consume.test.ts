import { Writable } from 'node:stream';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Record } from '../../src/model/record.ts';
import type { CliWorldOptions, Ran } from '../support/cli-world.ts';
import { cliWorld, run, runIn } from '../support/cli-world.ts';
import { fakeServer, json, lines } from '../support/fake-server.ts';
import type { ListeningApp } from '../support/http-app.ts';
import { listeningApp } from '../support/http-app.ts';
import { valued } from '../support/stored-records.ts';

let app: ListeningApp;

beforeAll(async () => {
  app = await listeningApp();
  return () => app[Symbol.asyncDispose]();
});

function consume(args: string, options: CliWorldOptions = {}): Promise<Ran> {
  return run(app, `consume ${args}`, options);
}

async function append(topic: string, partition: number, ...records: Record[]): Promise<void> {
  const payload = { kind: 'records', records } as const;
  const [outcome] = await app.broker.produce([{ topic, partition, payload }]);
  if (outcome?.error !== undefined) throw outcome.error;
}

function at(timestamp: number, value: string): Record {
  return valued(value, { timestamp });
}

/** A topic whose partitions hold these values, a second after another. */
async function topicOf(name: string, ...partitions: string[][]): Promise<void> {
  await app.broker.createTopic({ name, partitionCount: partitions.length });
  for (const [partition, values] of partitions.entries()) {
    const records = values.map((value, index) => at(1_000 * (index + 1), value));
    if (records.length > 0) await append(name, partition, ...records);
  }
}

/** A command that goes on until it is interrupted. */
function following(args: string, url = app.url) {
  const world = cliWorld({ environment: { MILLRACE_SERVER: url } });
  return { world, ended: runIn(world, `consume ${args}`) };
}

describe('what is there', () => {
  it('is printed and ends', async () => {
    await topicOf('plain', ['a', 'b']);
    expect(await consume('plain')).toEqual({ code: 0, out: 'a\nb\n', err: '' });
  });

  it('may be nothing', async () => {
    await topicOf('empty', [], []);
    expect(await consume('empty')).toEqual({ code: 0, out: '', err: '' });
    expect((await consume('empty -O json')).out).toBe('[]\n');
  });

  it('comes from all partitions in the order of time, or from one', async () => {
    await app.broker.createTopic({ name: 'times', partitionCount: 2 });
    await append('times', 0, at(2, 'b'), at(4, 'd'));
    await append('times', 1, at(1, 'a'), at(3, 'c'), at(5, 'e'));
    expect((await consume('times')).out).toBe('a\nb\nc\nd\ne\n');
    expect((await consume('times -p 1')).out).toBe('a\nc\ne\n');
  });
});

describe('the beginning', () => {
  beforeAll(() => topicOf('starts', ['a1', 'a2', 'a3'], ['b1', 'b2', 'b3', 'b4']));

  it.each([
    ['--tail 1', 'a3 b4'],
    ['--tail 2', 'a2 a3 b3 b4'],
    ['--tail 9', 'a1 b1 a2 b2 a3 b3 b4'],
    ['--tail 0', ''],
    ['--from -1', 'a3 b4'],
    ['--from latest', ''],
    ['--from 2', 'a3 b3 b4'],
    ['--from 1970-01-01T00:00:03Z', 'a3 b3 b4'],
    ['--from @2500', 'a3 b3 b4'],
    ['--from 1970-01-01', 'a1 b1 a2 b2 a3 b3 b4'],
    ['--from 1971-01-01', ''],
    ['-p 1 --from 1 --max-records 2', 'b2 b3'],
    ['--max-records 3', 'a1 b1 a2'],
  ])('%s', async (options, expected) => {
    const ran = await consume(`starts ${options}`);
    expect(ran).toEqual({ code: 0, out: expected.replace(/(\S+) ?/g, '$1\n'), err: '' });
  });

  it('outside of a partition is refused with its bounds', async () => {
    const ran = await consume('starts --from 4');
    expect(ran).toMatchObject({ code: 1, out: '' });
    expect(ran.err).toMatch(/^millrace: partition 0: .*4.*0.*3.*\(OFFSET_OUT_OF_RANGE\)\n$/);
  });
});

describe('the form', () => {
  const value = '{"id":12345678901234567890,"price":1.10}';

  beforeAll(async () => {
    await app.broker.createTopic({ name: 'forms' });
    const headers = [{ key: 'h', value: Buffer.from('x') }];
    await append(
      'forms',
      0,
      valued(value, { key: Buffer.from('k'), headers }),
      valued(null, { key: null }),
      valued(Buffer.from([27, 255])),
    );
  });

  it('ndjson keeps every digit of a value, and tells null apart', async () => {
    const { out } = await consume('forms -O ndjson');
    const [first, second, third] = out.trimEnd().split('\n');
    expect(first).toContain(`"value":${value}`);
    expect(JSON.parse(second ?? '')).toMatchObject({ offset: 1, key: null, value: null });
    expect(JSON.parse(third ?? '')).toMatchObject({ value_base64: 'G/8=' });
  });

  it('json is one array of the same', async () => {
    const { out } = await consume('forms -O json');
    expect(out).toContain(`"value":${value}`);
    expect(JSON.parse(out)).toHaveLength(3);
  });

  it('text is the bytes, with keys and NULL if asked for', async () => {
    const world = cliWorld({ environment: { MILLRACE_SERVER: app.url } });
    await runIn(world, 'consume forms');
    expect(world.out.bytes).toEqual(
      Buffer.concat([Buffer.from(`${value}\n\n`), Buffer.from([27, 255, 10])]),
    );
    expect((await consume('forms -K = -Z -n 2')).out).toBe(`k=${value}\nNULL=NULL\n`);
  });

  it('is harmless on a terminal', async () => {
    const { out } = await consume('forms', { terminals: ['stdout'] });
    expect(out).toBe(`${value}\n\n\\x1b\ufffd\n`);
  });
});

describe('--follow', () => {
  it('prints what comes, from every partition, until Ctrl-C', async () => {
    await topicOf('live', ['old'], []);
    const { world, ended } = following('live --follow');
    await world.out.lineCount(1);
    await append('live', 1, at(1, 'new'));
    await world.out.lineCount(2);
    world.interrupt();
    expect(await ended).toEqual({ code: 130, out: 'old\nnew\n', err: '' });
  });

  it('ends after --max-records', async () => {
    await topicOf('some', ['a', 'b', 'c'], ['d']);
    const { out, code } = await consume('some --follow -n 4');
    expect(code).toBe(0);
    expect(out.split('\n').toSorted().join('')).toBe('abcd');
    await expect.poll(() => app.app.counters.streamsOpen).toBe(0);
  });

  it('ends when the topic is deleted, and says so', async () => {
    await topicOf('doomed', ['a']);
    const { world, ended } = following('doomed --follow');
    await world.out.lineCount(1);
    await app.broker.deleteTopic('doomed');
    const { code, err } = await ended;
    expect(code).toBe(3);
    expect(err).toMatch(/^millrace: .*\(UNKNOWN_TOPIC_OR_PARTITION\)\n$/);
  });

  it('ends with one line when the server stops', async () => {
    await using other = await listeningApp();
    await other.broker.createTopic({ name: 't' });
    const payload = { kind: 'records', records: [valued('a')] } as const;
    await other.broker.produce([{ topic: 't', partition: 0, payload }]);
    const { world, ended } = following('t --follow', other.url);
    await world.out.lineCount(1);
    other.stop();
    expect(await ended).toEqual({
      code: 4,
      out: 'a\n',
      err: 'millrace: the server is stopping (SHUTTING_DOWN)\n',
    });
  });

  it('ends with one line when the server is gone', async () => {
    const topic = { name: 't', topic_id: 'x', configs: {}, partitions: [{ partition: 0 }] };
    const record = { partition: 0, offset: 0, timestamp: 0, value_base64: 'YQ==' };
    const server = await fakeServer(json(200, topic), lines([record], 'open'));
    const { world, ended } = following('t --follow', server.url);
    await world.out.lineCount(1);
    await server.stop();
    const { code, err } = await ended;
    expect(code).toBe(4);
    expect(err).toMatch(/^millrace: no answer from .*\n$/);
  });
});

describe('a reader that has enough', () => {
  it('ends it without a word, also while following', async () => {
    await topicOf('piped', ['a', 'b', 'c']);
    const stdout = new Writable({
      write(_chunk, _encoding, done) {
        done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
      },
    });
    stdout.on('error', () => {});
    expect(await consume('piped --follow', { stdout })).toEqual({ code: 0, out: '', err: '' });
  });

  it('of a full disk is told', async () => {
    const stdout = new Writable({
      write(_chunk, _encoding, done) {
        done(
          Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }),
        );
      },
    });
    stdout.on('error', () => {});
    expect(await consume('piped', { stdout })).toMatchObject({
      code: 1,
      err: 'millrace: ENOSPC: no space left on device, write\n',
    });
  });
});

describe('more partitions than are read at once', () => {
  const many = Array.from({ length: 33 }, (_, partition) => [`p${partition}`]);

  beforeAll(() => topicOf('wide', ...many));

  it('are printed one after another', async () => {
    const { code, out } = await consume('wide');
    expect(code).toBe(0);
    expect(out).toBe(many.map(([value]) => `${value}\n`).join(''));
    expect((await consume('wide --tail 0')).out).toBe('');
  });

  it('are followed by looking again', async () => {
    const { world, ended } = following('wide --follow --from latest');
    world.onPause = () => {
      if (world.pauses.length === 2) return append('wide', 32, at(1, 'new'));
      return world.pauses.length === 3 ? append('wide', 5, at(1, 'newer')) : undefined;
    };
    await world.out.lineCount(2);
    world.interrupt();
    expect(await ended).toMatchObject({ code: 130, out: 'new\nnewer\n' });
    expect(world.pauses.every((delayMs) => delayMs === 500)).toBe(true);
  });

  it('end when the topic is made anew', async () => {
    await topicOf('again', ...many);
    const { world, ended } = following('again --follow --from latest');
    world.onPause = async () => {
      await app.broker.deleteTopic('again');
      await topicOf('again', ...many);
    };
    const { code, err } = await ended;
    expect(code).toBe(3);
    expect(err).toMatch(/^millrace: .*again/);
  });
});

describe('what cannot be', () => {
  it.each([
    ['none', 3, 'UNKNOWN_TOPIC_OR_PARTITION'],
    ['none -p 0', 3, 'UNKNOWN_TOPIC_OR_PARTITION'],
    ['plain -p 9', 3, 'UNKNOWN_TOPIC_OR_PARTITION'],
    ['plain --tail 1 --from 2', 2, '--tail and --from'],
    ['plain --follow -O json', 2, 'ndjson'],
    ['plain -O ndjson -K :', 2, '--key-delimiter'],
    ['plain -O json -Z', 2, '--show-null'],
    ['plain -O xml', 2, 'text, json, ndjson'],
    ['plain --from yesterday', 2, 'earliest, latest'],
    ['plain --tail -1', 2, 'integer from 0'],
    ['plain --max-records 0', 2, 'integer from 1'],
    ['plain extra', 2, 'too many arguments'],
  ])('%s: %i', async (args, code, said) => {
    const ran = await consume(args);
    expect(ran).toMatchObject({ code, out: '' });
    expect(ran.err).toContain(said);
  });
});

import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { CliWorldOptions, Ran } from '../support/cli-world.ts';
import { cliWorld, run, runIn } from '../support/cli-world.ts';
import type { FakeGroup } from '../support/fake-group.ts';
import { fakeGroup } from '../support/fake-group.ts';
import { cut, fakeServer, json } from '../support/fake-server.ts';

function consume(group: FakeGroup, args = '', options: CliWorldOptions = {}): Promise<Ran> {
  return run(group, `consume t --group g ${args}`.trim(), options);
}

/** A command that goes on until it is interrupted. */
function following({ url }: FakeGroup, args = '') {
  const world = cliWorld({ environment: { MILLRACE_SERVER: url } });
  return { world, ended: runIn(world, `consume t -g g --follow ${args}`.trim()) };
}

function commits({ requests }: FakeGroup): number {
  return requests.filter((each) => each.startsWith('POST /groups/g/offsets')).length;
}

describe('what there is', () => {
  it('is printed, committed and left, and what is committed is not printed again', async () => {
    const group = await fakeGroup(['a', 'b'], ['c']);
    expect(await consume(group)).toEqual({
      code: 0,
      out: 'a\nb\nc\n',
      err: 'group g, generation 1: assigned t [0, 1]\n',
    });
    expect([...group.committed]).toEqual([
      [0, 2],
      [1, 1],
    ]);
    expect(group.left).toEqual(['m1']);
    group.append(1, 'd');
    expect((await consume(group, '-q')).out).toBe('d\n');
    expect(await consume(group, '-q')).toEqual({ code: 0, out: '', err: '' });
    expect(group.left).toEqual(['m1', 'm2', 'm3']);
  });

  it('ends where its partitions ended, whatever comes meanwhile', async () => {
    const group = await fakeGroup(['a'], ['b']);
    group.committed.set(1, 1);
    const grow = (): void => {
      group.onFetch = grow;
      group.append(1, 'new');
    };
    group.onFetch = grow;
    expect((await consume(group)).out).toBe('a\nnew\n');
  });

  it('is in the same forms as without a group', async () => {
    const group = await fakeGroup(['x', 'y']);
    const { out } = await consume(group, '-O ndjson --no-commit');
    const [first] = out.split('\n');
    expect(JSON.parse(first ?? '')).toMatchObject({ topic: 't', offset: 0, value: 'x' });
    const asJson = await consume(group, '-O json --no-commit');
    expect(JSON.parse(asJson.out)).toHaveLength(2);
    expect((await consume(group, '-Z -K :')).out).toBe(':x\n:y\n');
    expect((await consume(group, '-O json')).out).toBe('[]\n');
  });

  it('may be nothing, for a member that no partition is left for', async () => {
    const group = await fakeGroup(['a']);
    group.assigned = [];
    expect(await consume(group)).toEqual({
      code: 0,
      out: '',
      err: 'group g, generation 1: assigned nothing\n',
    });
  });
});

describe('the wish', () => {
  it('is sent with the join', async () => {
    const group = await fakeGroup(['a']);
    await consume(group, '--from latest --session-timeout 2000');
    await run(group, 'consume t u --group g');
    await run(group, ['consume', '--group', 'g', '--pattern', 't|u']);
    expect(group.joins).toEqual([
      { topics: ['t'], auto_offset_reset: 'latest', session_timeout_ms: 2_000 },
      { topics: ['t', 'u'], auto_offset_reset: 'earliest' },
      { topic_pattern: 't|u', auto_offset_reset: 'earliest' },
    ]);
  });

  it('for the latest is remembered: what comes between two runs is not left out', async () => {
    const group = await fakeGroup(['old']);
    expect((await consume(group, '--from latest -q')).out).toBe('');
    group.append(0, 'new');
    expect((await consume(group, '--from latest -q')).out).toBe('new\n');
  });

  it('for so many records is not exceeded, and no more than these are committed', async () => {
    const group = await fakeGroup(['a', 'b', 'c']);
    expect((await consume(group, '-n 2')).out).toBe('a\nb\n');
    expect(group.committed.get(0)).toBe(2);
  });

  it('not to commit leaves everything as it was', async () => {
    const group = await fakeGroup(['a']);
    expect((await consume(group, '--no-commit')).out).toBe('a\n');
    expect(commits(group)).toBe(0);
    expect(group.left).toEqual(['m1']);
  });
});

describe('--follow', () => {
  it('prints what comes until Ctrl-C, then leaves', async () => {
    const group = await fakeGroup(['a'], []);
    const { world, ended } = following(group);
    await world.out.lineCount(1);
    group.append(1, 'b');
    await world.out.lineCount(2);
    await expect.poll(() => group.committed.get(1)).toBe(1);
    world.interrupt();
    expect(await ended).toMatchObject({ code: 130, out: 'a\nb\n' });
    expect(group.left).toEqual(['m1']);
  });

  it('ends after --max-records', async () => {
    const group = await fakeGroup(['a', 'b']);
    const { world, ended } = following(group, '-n 3');
    await world.out.lineCount(2);
    group.append(0, 'c');
    expect(await ended).toMatchObject({ code: 0, out: 'a\nb\nc\n' });
    expect(group.committed.get(0)).toBe(3);
    expect(group.left).toEqual(['m1']);
  });

  it('says at every rebalance what is assigned, and goes on', async () => {
    const group = await fakeGroup(['a'], ['b']);
    const { world, ended } = following(group);
    await world.out.lineCount(2);
    await expect.poll(() => group.committed.size).toBe(2);
    group.assigned = [1];
    group.refuse('fetch', 'REBALANCE_IN_PROGRESS');
    await world.err.lineCount(2);
    group.append(1, 'c');
    await world.out.lineCount(3);
    world.interrupt();
    const { out, err } = await ended;
    expect(out).toBe('a\nb\nc\n');
    expect(err).toBe(
      'group g, generation 1: assigned t [0, 1]\ngroup g, generation 2: assigned t [1]\n',
    );
    expect(group.joins[1]).toMatchObject({ member_id: 'm1', cursor: '[[0,1],[1,1]]' });
    expect(group.left).toEqual(['m2']);
  });

  it('joins anew when the server knows it no longer', async () => {
    const group = await fakeGroup(['a']);
    const { world, ended } = following(group, '-n 2');
    await world.out.lineCount(1);
    await expect.poll(() => group.committed.size).toBe(1);
    group.refuse('fetch', 'UNKNOWN_MEMBER_ID');
    group.append(0, 'b');
    expect(await ended).toMatchObject({ code: 0, out: 'a\nb\n' });
    expect(group.joins[1]).not.toHaveProperty('member_id');
  });

  it('waits for a topic of several, and not where there is none of them', async () => {
    const group = await fakeGroup(['a']);
    group.missing = ['u'];
    const some = await run(group, 'consume t u -g g --follow -n 1');
    expect(some).toMatchObject({ code: 0, out: 'a\n' });
    expect(some.err).toContain('no such topic yet: u\n');
    group.missing = ['t'];
    expect(await consume(group, '--follow')).toEqual({
      code: 3,
      out: '',
      err: 'millrace: no such topic: t\n',
    });
    expect(group.left).toEqual(['m1', 'm2']);
  });
});

describe('nothing is committed that was not written', () => {
  /** A reader that takes each write when the test says so. */
  function slowReader() {
    const taken: ((error?: Error) => void)[] = [];
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    const stdout = new Writable({
      write(chunk: Buffer, _encoding, done) {
        if (chunk.length === 0) return done();
        taken.push(done);
        resolve();
      },
    });
    stdout.on('error', () => {});
    return { stdout, asked, taken };
  }

  it('while its reader takes nothing', async () => {
    const group = await fakeGroup(['a']);
    const { stdout, asked, taken } = slowReader();
    const ended = consume(group, '', { stdout });
    await asked;
    expect(commits(group)).toBe(0);
    expect(group.requests.at(-1)).toContain('/fetch');
    taken[0]?.();
    expect((await ended).code).toBe(0);
    expect(group.committed.get(0)).toBe(1);
  });

  it('when its reader has enough, which is no failure', async () => {
    const group = await fakeGroup(['a']);
    const { stdout, asked, taken } = slowReader();
    const ended = consume(group, '--follow -q', { stdout });
    await asked;
    taken[0]?.(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    expect(await ended).toEqual({ code: 0, out: '', err: '' });
    expect(commits(group)).toBe(0);
    expect(group.left).toEqual(['m1']);
  });

  it('after Ctrl-C, and what was written is', async () => {
    const group = await fakeGroup(['a']);
    const { stdout, asked, taken } = slowReader();
    const world = cliWorld({ environment: { MILLRACE_SERVER: group.url }, stdout });
    const ended = runIn(world, 'consume t -g g --follow');
    await asked;
    group.append(0, 'b');
    world.interrupt();
    taken[0]?.();
    expect((await ended).code).toBe(130);
    expect(group.committed.get(0)).toBe(1);
    expect(group.left).toEqual(['m1']);
  });

  it('too late it is said, and printed again', async () => {
    const group = await fakeGroup(['a']);
    group.refuse('commit', 'ILLEGAL_GENERATION');
    const { code, out, err } = await consume(group, '-q');
    expect({ code, out }).toEqual({ code: 0, out: 'a\na\n' });
    expect(err).toBe(
      'the partitions were taken away before a commit; may be printed again: 1 record\n',
    );
  });
});

it('a jump over what retention has removed is never silent', async () => {
  const seat = { member_id: 'm', generation: 1, cursor: 'c' };
  const server = await fakeServer(
    json(200, { ...seat, assignment: [{ topic: 't', partitions: [0] }] }),
    json(200, { offsets: [{ topic: 't', partition: 0, offset: 2 }] }),
    json(200, { partitions: [{ partition: 0, beginning_offset: 9, end_offset: 10 }] }),
    json(200, {
      records: [{ topic: 't', partition: 0, offset: 9, timestamp: 1, value_base64: 'YQ==' }],
      cursor: 'd',
      generation: 1,
      reset: [{ topic: 't', partition: 0, from: 2, to: 9 }],
    }),
    json(200, {}),
  );
  expect(await run(server, 'consume t -g g -q')).toEqual({
    code: 0,
    out: 'a\n',
    err: 't [0]: offset 2 is not there any more, goes on at 9\n',
  });
});

it('an interrupted join asks for nothing more', async () => {
  const world = cliWorld();
  const server = await fakeServer(() => world.interrupt());
  const ran = await runIn(world, `consume t -g g -s ${server.url}`);
  expect(ran).toEqual({ code: 130, out: '', err: '' });
  expect(server.requests).toHaveLength(1);
});

it('a server that goes away is 4', async () => {
  const seat = { member_id: 'm', generation: 1, cursor: 'c', assignment: [] };
  const server = await fakeServer(json(200, seat), cut);
  const { code, err } = await run(server, 'consume t -g g --follow -q');
  expect(code).toBe(4);
  expect(err).toMatch(/^millrace: lost the connection to .*\n$/);
});

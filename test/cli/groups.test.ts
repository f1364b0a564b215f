import { describe, expect, it } from 'vitest';
import { run } from '../support/cli-world.ts';
import { fakeServer, json, refusal } from '../support/fake-server.ts';

const LISTING = { group: 'billing', state: 'Stable', protocol_type: 'consumer' };

describe('groups list', () => {
  it('prints a table, or a JSON array', async () => {
    const server = await fakeServer(
      json(200, { groups: [LISTING, { group: 'a b', state: 'Empty', protocol_type: '' }] }),
    );
    expect(await run(server, 'groups list')).toEqual({
      code: 0,
      out: 'group    state   type\nbilling  Stable  consumer\na b      Empty   -\n',
      err: '',
    });
    const asJson = await run(server, 'groups list --json');
    expect(JSON.parse(asJson.out)).toMatchObject([LISTING, { group: 'a b' }]);
    expect(server.requests).toEqual(['GET /groups', 'GET /groups']);
  });

  it('prints nothing where there are none', async () => {
    const server = await fakeServer(json(200, { groups: [] }));
    expect((await run(server, 'groups list')).out).toBe('');
    expect((await run(server, 'groups list --json')).out).toBe('[]\n');
  });
});

describe('groups describe', () => {
  const answer = {
    ...LISTING,
    protocol: 'range',
    generation: 4,
    leader: 'http-1',
    members: [],
  };

  it('prints what the server says, also as JSON', async () => {
    const server = await fakeServer(json(200, answer));
    const { code, out } = await run(server, 'groups describe billing');
    expect(code).toBe(0);
    expect(out).toContain('generation  4\n');
    expect(JSON.parse((await run(server, 'groups describe billing --json')).out)).toEqual(answer);
    expect(server.requests[0]).toBe('GET /groups/billing');
  });
});

describe('groups lag', () => {
  const answer = {
    group: 'billing',
    state: 'Empty',
    partitions: [],
    total_lag: 0,
    max_lag: 0,
    max_lag_seconds: null,
  };

  it('prints what the server says, also as JSON', async () => {
    const server = await fakeServer(json(200, answer));
    expect((await run(server, 'groups lag billing')).out).toContain('0 records behind');
    expect(JSON.parse((await run(server, 'groups lag billing --json')).out)).toEqual(answer);
    expect(server.requests[0]).toBe('GET /groups/billing/lag');
  });
});

describe('groups reset', () => {
  const partitions = [{ partition: 0, before: 5, after: 0 }];
  const answer = { group: 'g', topic: 't', dry_run: false, partitions };

  it.each([
    ['earliest', '"earliest"'],
    ['latest', '"latest"'],
    ['7', '{"offset":7}'],
    ['+7', '{"shift":7}'],
    ['-7', '{"shift":-7}'],
    ['@1795240800000', '{"timestamp":1795240800000}'],
    ['2026-11-21', '{"timestamp":1795219200000}'],
  ])('--to %s asks for %s', async (to, sent) => {
    const server = await fakeServer(json(200, answer));
    await run(server, `groups reset g --topic t --to ${to}`);
    expect(server.requests).toEqual([
      `POST /groups/g/offsets/reset {"topic":"t","to":${sent},"dry_run":false}`,
    ]);
  });

  it('shows before and after, and a dry run says that it was one', async () => {
    const server = await fakeServer(json(200, answer), json(200, { ...answer, dry_run: true }));
    const done = await run(server, 'groups reset g -t t --to earliest');
    expect(done).toMatchObject({ code: 0, err: '' });
    expect(done.out).toMatch(/\n +0 +5 +0 +-5\n\nmoved g\n$/);
    const dry = await run(server, 'groups reset g -t t --to earliest -p 0,2 --dry-run');
    expect(dry.out).toBe(done.out.replace('moved g', 'nothing was changed: this was a dry run'));
    expect(server.requests[1]).toContain(
      '{"topic":"t","partitions":[0,2],"to":"earliest","dry_run":true}',
    );
    const asJson = await run(server, 'groups reset g -t t --to earliest --dry-run --json');
    expect(JSON.parse(asJson.out)).toEqual({ ...answer, dry_run: true });
  });

  it.each([
    ['--to earliest', "required option '-t, --topic <topic>' not specified"],
    ['--topic t', "required option '--to <where>' not specified"],
    ['--topic t --to yesterday', 'earliest, latest, an offset, +N or -N'],
    ['--topic t --to 1 --partitions 0;1', 'such as 0,2'],
  ])('%s is refused before anything is sent', async (options, said) => {
    const server = await fakeServer(json(200, answer));
    const ran = await run(server, `groups reset g ${options}`);
    expect(ran).toMatchObject({ code: 2, out: '' });
    expect(ran.err).toContain(said);
    expect(server.requests).toEqual([]);
  });
});

describe('groups delete', () => {
  it('says that it is done', async () => {
    const server = await fakeServer((response) => void response.writeHead(204).end());
    expect(await run(server, ['groups', 'delete', 'a b'])).toEqual({
      code: 0,
      out: 'deleted a b\n',
      err: '',
    });
    expect(server.requests).toEqual(['DELETE /groups/a%20b']);
  });
});

describe('what is refused', () => {
  it.each([
    ['describe g', 404, 'GROUP_ID_NOT_FOUND', 3],
    ['lag g', 404, 'GROUP_ID_NOT_FOUND', 3],
    ['delete g', 404, 'GROUP_ID_NOT_FOUND', 3],
    ['delete g', 409, 'NON_EMPTY_GROUP', 1],
    ['reset g -t t --to 1', 409, 'NON_EMPTY_GROUP', 1],
    ['reset g -t t --to 1', 404, 'UNKNOWN_TOPIC_OR_PARTITION', 3],
    ['list', 503, 'SHUTTING_DOWN', 4],
  ])('%s: %i %s ends with %i', async (args, status, code, exitCode) => {
    const server = await fakeServer(refusal(status, code));
    const ran = await run(server, `groups ${args}`);
    expect(ran).toEqual({
      code: exitCode,
      out: '',
      err: `millrace: no: ${code} (${code})\n`,
    });
  });

  it.each(['describe', 'lag', 'delete'])('%s: a name that cannot be one', async (command) => {
    const server = await fakeServer(json(200, {}));
    const ran = await run(server, `groups ${command} ..`);
    expect(ran).toMatchObject({ code: 1, out: '' });
    expect(ran.err).toContain('".." is reserved (INVALID_GROUP_ID)');
    expect(server.requests).toEqual([]);
  });
});

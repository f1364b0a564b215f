import { beforeAll, expect, it } from 'vitest';
import { cliWorld, run, runIn } from '../support/cli-world.ts';
import { deadAddress } from '../support/fake-server.ts';
import type { ListeningApp } from '../support/http-app.ts';
import { listeningApp } from '../support/http-app.ts';

let app: ListeningApp;

beforeAll(async () => {
  app = await listeningApp();
  return () => app[Symbol.asyncDispose]();
});

async function topics(): Promise<string[]> {
  return (await app.broker.listTopics()).map(({ name }) => name);
}

it('writes a load, reads it back, checks it and leaves nothing behind', async () => {
  const ran = await run(app, 'bench -n 500 -c 4 -b 7');
  expect(ran).toMatchObject({ code: 0, err: '' });
  expect(ran.out).toContain('bench-abababab: 1 partition, 4 connections, 7 records of 100 bytes');
  expect(ran.out).toMatch(/^produced {2}500 records in /m);
  expect(ran.out).toMatch(/^consumed {2}500 records in /m);
  expect(ran.out).toMatch(/Checked: 500 acknowledged records, each there once and in order\.\n$/);
  expect(await topics()).toEqual([]);
});

it('follows what it writes when asked to', async () => {
  const ran = await run(app, 'bench -n 300 -c 3 -p 3 -k 10 --tail --keep');
  expect(ran.out).toMatch(/^consumed {2}300 records while they were produced\n {2}from request/m);
  expect(ran.out).toContain('Checked: 300 acknowledged records');
  const { offset } = await app.broker.listOffset('bench-abababab', 0, 'latest');
  expect(offset).toBeGreaterThan(0);
  await app.broker.deleteTopic('bench-abababab');
});

it('takes a topic that exists, and does not mind what others have in it', async () => {
  await app.broker.createTopic({ name: 'mine', partitionCount: 2 });
  await run(app, 'bench -n 10 -t mine --produce-only');
  const ran = await run(app, 'bench -n 20 -t mine --json');
  expect(JSON.parse(ran.out)).toMatchObject({
    topic: 'mine',
    partitions: 2,
    produced: { records: 20, requests: 20, failures: {} },
    consumed: { records: 20, findings: [] },
  });
  expect(await topics()).toEqual(['mine']);
  await app.broker.deleteTopic('mine');
});

it('only writes when asked to', async () => {
  const ran = await run(app, 'bench -n 10 --produce-only');
  expect(ran.out).toContain('produced  10 records');
  expect(ran.out).not.toContain('consumed');
});

it('ends when its time is over', async () => {
  const environment = { MILLRACE_SERVER: app.url };
  const world = cliWorld({ environment });
  let calls = 0;
  world.now = () => (calls += 1) * 10;
  const ran = await runIn(world, 'bench -d 2 -c 1');
  expect(ran.out).toMatch(/^produced {2}\d+ records in 2\.\d s/m);
});

it('shows what it has measured when it is interrupted, and says what it leaves', async () => {
  const world = cliWorld({ environment: { MILLRACE_SERVER: app.url } });
  let calls = 0;
  world.now = () => {
    if ((calls += 1) === 50) world.interrupt();
    return calls;
  };
  const ran = await runIn(world, 'bench -c 1');
  expect(ran.code).toBe(130);
  expect(ran.out).toMatch(/^produced {2}\d+ records/m);
  expect(ran.err).toBe('millrace: topic bench-abababab is left as it is\n');
  await app.broker.deleteTopic('bench-abababab');
});

it('fails when what is there is not what was acknowledged', async () => {
  const { broker } = app;
  const produce = broker.produce.bind(broker);
  // A server that says yes and stores nothing, at the third request.
  let requests = 0;
  let last: Awaited<ReturnType<typeof produce>> = [];
  broker.produce = async (parts) => {
    if ((requests += 1) !== 3) last = await produce(parts);
    return last;
  };
  try {
    const ran = await run(app, 'bench -n 5 -c 1');
    expect(ran.code).toBe(1);
    expect(ran.out).toContain(
      'The check FAILED:\nrecord 2 of connection 0 was acknowledged and is not there\n',
    );
    expect(ran.err).toContain('is not what was produced');
    expect(await topics()).toEqual(['bench-abababab']);
  } finally {
    broker.produce = produce;
    await broker.deleteTopic('bench-abababab');
  }
});

it.each([
  ['bench --record-size 10', 2, 'It must be an integer from 48.'],
  ['bench -t a -p 2', 2, '--partitions is for a new topic'],
  ['bench --tail --produce-only', 2, '--tail reads and --produce-only does not'],
  ['bench -t missing', 3, 'UNKNOWN_TOPIC_OR_PARTITION'],
])('%s ends with exit code %i', async (args, code, message) => {
  const ran = await run(app, args);
  expect(ran.code).toBe(code);
  expect(ran.err).toContain(message);
});

it('says that there is no server', async () => {
  const ran = await run({ url: await deadAddress() }, 'bench');
  expect(ran.code).toBe(4);
});

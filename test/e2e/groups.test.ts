/** Consumers of one group as a user has them: processes that come, are killed, and leave. */
import { expect, test } from 'vitest';
import type { CliProcess } from '../support/cli-process.ts';
import { startMillrace } from '../support/cli-process.ts';
import { startServerProcess } from '../support/server-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const PARTITIONS = 3;
const GROUP = ['--group', 'billing', '--session-timeout', '1000'];

test('three consumers share three partitions, and take over from one that is killed', async () => {
  await using world = await startWorld();
  const [first, second, third] = [world.consumer(), world.consumer(), world.consumer()];
  const all = [first, second, third];
  await expect.poll(() => all.map(({ assigned }) => assigned.length), POLL).toEqual([1, 1, 1]);
  expect(all.flatMap(({ assigned }) => assigned).toSorted((a, b) => a - b)).toEqual([0, 1, 2]);

  await world.produce(['a', 'b', 'c']);
  await expect.poll(() => world.printed(), POLL).toHaveLength(9);
  for (const { printed, assigned } of all) {
    const partition = assigned[0] ?? -1;
    expect(printed()).toEqual(['a', 'b', 'c'].map((value) => `${partition} ${value}`));
  }
  await expect.poll(() => world.lag(), POLL).toBe(0);

  first.process.child.kill('SIGKILL');
  const left = [second, third];
  await expect
    .poll(() => left.flatMap(({ assigned }) => assigned).toSorted((a, b) => a - b), POLL)
    .toEqual([0, 1, 2]);
  await world.produce(['d']);
  await expect.poll(() => world.printed(), POLL).toHaveLength(12);
  // What was committed came once, though its reader is gone.
  expect(new Set(world.printed()).size).toBe(12);

  // Whoever leaves politely is not waited for.
  second.process.child.kill('SIGINT');
  expect((await second.process.ended).code).toBe(130);
  await expect.poll(() => third.assigned, POLL).toEqual([0, 1, 2]);
  await expect.poll(() => world.lag(), POLL).toBe(0);
  third.process.child.kill('SIGTERM');
  expect((await third.process.ended).code).toBe(143);
});

test('a group goes on where it was, and is rewound', async () => {
  await using world = await startWorld();
  await world.produce(['a', 'b']);
  const once = () => world.run('consume', 'orders', ...GROUP, '--quiet');
  expect(linesOf((await once()).out)).toEqual(['a', 'a', 'a', 'b', 'b', 'b']);
  expect(await once()).toMatchObject({ code: 0, out: '', err: '' });
  await world.restart();
  await world.produce(['c']);
  expect(linesOf((await once()).out)).toEqual(['c', 'c', 'c']);

  const reset = ['groups', 'reset', 'billing', '--topic', 'orders', '--to', '-2'];
  const dry = await world.run(...reset, '--dry-run');
  expect(dry).toMatchObject({ code: 0, err: '' });
  expect(dry.out).toMatch(/\n +0 +3 +1 +-2\n/);
  expect(dry.out).toContain('nothing was changed');
  expect(await world.lag()).toBe(0);
  const done = await world.run(...reset);
  expect(done.out.split('\n').slice(0, 4)).toEqual(dry.out.split('\n').slice(0, 4));
  expect(await world.lag()).toBe(6);
  const part = await world.run('groups', 'lag', 'billing');
  expect(part.out).toMatch(/^orders +2 +1 +3 +2 +[\d.]+ +-$/m);
  expect(linesOf((await once()).out)).toEqual(['b', 'b', 'b', 'c', 'c', 'c']);

  expect((await world.run('groups', 'list')).out).toMatch(/^billing +Empty/m);
  expect((await world.run('groups', 'delete', 'billing')).out).toBe('deleted billing\n');
  expect((await world.run('groups', 'describe', 'billing')).code).toBe(3);
  expect(linesOf((await once()).out)).toHaveLength(9);
});

test('a reader that has enough leaves what it did not get to the next one', async () => {
  await using world = await startWorld();
  await world.produce(['a', 'b']);
  const some = await world.run('consume', 'orders', ...GROUP, '-q', '--max-records', '2');
  expect(some.code).toBe(0);
  const rest = await world.run('consume', '--pattern', 'ord.*', ...GROUP, '-q', '--from', 'latest');
  expect([...linesOf(some.out), ...linesOf(rest.out)].toSorted()).toEqual([
    ...['a', 'a', 'a', 'b', 'b', 'b'],
  ]);
  const refused = await world.run('consume', 'none', ...GROUP);
  expect(refused).toMatchObject({ code: 3, out: '' });
});

const POLL = { timeout: 15_000, interval: 20 };

interface Consumer {
  readonly process: CliProcess;
  /** Partitions, as it last said; none once it has ended. */
  readonly assigned: number[];
  /** Partition and value of each record. */
  readonly printed: () => string[];
}

/** A server with a topic of three partitions, and consumers of it. */
async function startWorld() {
  const directory = await temporaryDirectory();
  let server = await startServerProcess(directory);
  const consumers: Consumer[] = [];
  const options = () => ({ environment: { MILLRACE_SERVER: server.url } });
  const run = (...args: string[]) => startMillrace(args, options()).ended;
  await run('topics', 'create', 'orders', '--partitions', String(PARTITIONS));
  return {
    run,
    consumer(): Consumer {
      const args = ['consume', 'orders', ...GROUP, '--follow', '--output', 'ndjson'];
      const consumer = consumerOf(startMillrace(args, options()));
      consumers.push(consumer);
      return consumer;
    },
    /** The same values into every partition. */
    async produce(values: readonly string[]): Promise<void> {
      for (let partition = 0; partition < PARTITIONS; partition += 1) {
        const answer = await fetch(`${server.url}/topics/orders/partitions/${partition}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ records: values.map((value) => ({ value })) }),
        });
        expect(answer.status).toBe(200);
      }
    },
    printed: () => consumers.flatMap((each) => each.printed()),
    async lag(): Promise<number> {
      const { out } = await run('groups', 'lag', 'billing', '--json');
      return (JSON.parse(out) as { total_lag: number }).total_lag;
    },
    async restart(): Promise<void> {
      await server.stop('SIGKILL');
      server = await startServerProcess(directory);
    },
    async [Symbol.asyncDispose]() {
      await server.stop('SIGKILL');
    },
  };
}

function consumerOf(process: CliProcess): Consumer {
  return {
    process,
    get assigned() {
      const { exitCode, signalCode } = process.child;
      if (exitCode !== null || signalCode !== null) return [];
      const said = process.err.lines.findLast((line) => line.includes(': assigned ')) ?? '';
      const listed = /\[(.*)\]$/.exec(said)?.[1];
      return listed === undefined ? [] : listed.split(', ').map(Number);
    },
    printed: () =>
      process.out.lines.map((line) => {
        const { partition, value } = JSON.parse(line) as { partition: number; value: string };
        return `${partition} ${value}`;
      }),
  };
}

/** In the order of the alphabet: that of the partitions is nobody's promise. */
function linesOf(out: string): string[] {
  return out
    .split('\n')
    .slice(0, -1)
    .map((line) => line.replaceAll('"', ''))
    .toSorted();
}

import { expect, it } from 'vitest';
import { BenchCheck } from '../../src/cli/bench-check.ts';
import { writeLoad } from '../../src/cli/bench-load.ts';
import type { LoadShape } from '../../src/cli/bench-load.ts';
import { writtenBy } from '../../src/cli/bench-records.ts';
import { Latencies } from '../../src/cli/latencies.ts';
import { ServerError, UnreachableError } from '../../src/client/server-error.ts';
import type { CliWorld } from '../support/cli-world.ts';
import { cliWorld } from '../support/cli-world.ts';

const SHAPE: LoadShape = {
  connections: 1,
  batch: 1,
  recordBytes: 60,
  keys: 0,
  records: 6,
  durationMs: Infinity,
};

interface Sent {
  readonly key?: string;
  readonly value: string;
}

function scene(answer: (requests: number) => void = () => {}, world: CliWorld = cliWorld()) {
  const requests: Sent[][] = [];
  const check = new BenchCheck();
  const latencies = new Latencies();
  const producer = {
    send: async (records: string) => {
      requests.push(JSON.parse(`[${records}]`));
      world.nowMs += 10;
      answer(requests.length);
    },
    close: () => {},
  };
  const write = (shape: Partial<LoadShape> = {}) =>
    writeLoad({ ...SHAPE, ...shape }, { io: world, producer, run: 'r', check }, latencies);
  return { world, requests, check, latencies, write };
}

function sequencesOf(requests: readonly Sent[][]): (number | undefined)[][] {
  return requests.map((each) => each.map(({ value }) => writtenBy('r', value)?.sequence));
}

it('sends batches until all records are sent, the last one smaller', async () => {
  const { requests, check, latencies, write } = scene();
  expect(await write({ batch: 4 })).toMatchObject({ requests: 2, elapsedMs: 20 });
  expect(sequencesOf(requests)).toEqual([
    [0, 1, 2, 3],
    [4, 5],
  ]);
  expect(check.acknowledged).toBe(6);
  expect(latencies.percentiles()).toMatchObject({ max: expect.closeTo(10, 0) });
});

it('shares the records among its connections, each with numbers of its own', async () => {
  const { requests, write } = scene();
  await write({ connections: 2 });
  const writers = requests.flat().map(({ value }) => writtenBy('r', value)?.writer);
  expect(writers).toEqual([0, 1, 0, 1, 0, 1]);
  expect(sequencesOf(requests).flat()).toEqual([0, 0, 1, 1, 2, 2]);
});

it('spreads records over so many keys', async () => {
  const { requests, write } = scene();
  await write({ keys: 3, batch: 6 });
  const keys = requests.flat().map(({ key }) => key);
  expect(new Set(keys)).toEqual(new Set(['key-0', 'key-1', 'key-2']));
});

it('ends when its time is over', async () => {
  const { requests, write } = scene();
  await write({ records: Infinity, durationMs: 35 });
  expect(requests).toHaveLength(4);
});

it('ends when it is interrupted, with what is under way answered', async () => {
  const world = cliWorld();
  const { check, write } = scene((requests) => requests === 2 && world.interrupt(), world);
  await write({ records: Infinity });
  expect(check.acknowledged).toBe(2);
});

it.each([
  ['refused', new ServerError({ code: 'DISK_FULL', message: 'full', written: 'no' })],
  ['unknown', new ServerError({ code: 'REQUEST_TIMED_OUT', message: 'late', written: 'unknown' })],
  ['unknown', new UnreachableError('there', new Error('reset'))],
  [
    'refused',
    new UnreachableError('there', Object.assign(new Error('no'), { syscall: 'connect' })),
  ],
])('goes on after a failure and remembers the record as %s (%s)', async (outcome, error) => {
  const { world, requests, check, write } = scene((count) => {
    if (count === 2) throw error;
  });
  const { failures } = await write();
  expect([...failures]).toEqual([[error.message, 1]]);
  expect(sequencesOf(requests).flat()).toEqual([0, 1, 2, 3, 4, 5]);
  expect(check).toMatchObject({ acknowledged: 5, withoutAnswer: 1 });
  expect(world.pauses).toEqual([100]);
  // What was refused must not be there; the other may.
  for (const sequence of [0, 1, 2, 3, 4, 5]) {
    check.read(0, sequence, { writer: 0, sequence, sentMs: 0 });
  }
  expect(check.findings()).toHaveLength(outcome === 'refused' ? 1 : 0);
});

it('gives up when nothing but failures has come', async () => {
  const { requests, write } = scene(() => {
    throw new UnreachableError('there', new Error('gone'));
  });
  await expect(write({ records: Infinity })).rejects.toThrow('gone');
  expect(requests).toHaveLength(50);
});

it('does not take a fault of its own for an answer', async () => {
  const { write } = scene(() => {
    throw new RangeError('a bug');
  });
  await expect(write()).rejects.toThrow(RangeError);
});

it('shows how far it has come', async () => {
  const world = cliWorld({ terminals: ['stderr'] });
  const { write } = scene(() => (world.nowMs += 400), world);
  await write();
  expect(world.err.text).toContain(' 50 % ');
});

/**
 * Whatever is asked in the words of the API's description, in whatever order: every request ends in
 * its time, with a documented answer that is no failure, and a refusal has changed nothing. The
 * crash tier tries many more. Lines that this hangs on, such as the checks in `produce.ts` that come
 * before the first append, are taken away one by one by `hostile-controls.ts`.
 */
import { expect, test } from 'vitest';
import { textRecord } from '../support/batches.ts';
import { countOf, inMemory, onDisk, runSequences } from '../support/hostile-sequences.ts';

const SEED = 20_261_121;

test('generated requests break nothing', async () => {
  const plan = { seed: SEED, sequences: 25, lengthMax: 40, open: inMemory };
  const statuses = await runSequences(plan);
  // It is no use to be refused at the door all the time.
  expect(countOf(statuses, 200, 299)).toBeGreaterThan(countOf(statuses) / 4);
  for (const status of [200, 201, 204, 400, 404, 409, 415, 422]) {
    expect([...statuses.keys()]).toContain(status);
  }
});

test('nor with a log behind them', async () => {
  const plan = { seed: SEED + 1, sequences: 8, lengthMax: 40, open: onDisk };
  const statuses = await runSequences(plan);
  expect(countOf(statuses, 200, 299)).toBeGreaterThan(countOf(statuses) / 4);
});

test('a part that is refused keeps those before it from being written', async () => {
  const { broker } = await onDisk();
  await broker.createTopic({ name: 't' });
  const payload = { kind: 'records', records: [textRecord('1', { timestamp: 0 })] } as const;
  const parts = [0, 7].map((partition) => ({ topic: 't', partition, payload }));
  await expect(broker.produce(parts)).rejects.toMatchObject({ written: 'no' });
  // A record on its way would not be seen yet, but it has taken its offset.
  expect(await broker.produce(parts.slice(0, 1))).toMatchObject([{ baseOffset: 0 }]);
  await broker.close();
});

/**
 * A sync fails, and from then on the page cache lies: reads give what was written, and the disk
 * does not have it. Told through the seam, from the failure to the power cut behind the next start.
 */
import { expect, test } from 'vitest';
import type { MillraceError } from '../../src/model/errors.ts';
import { recordsIn, textsOf } from '../support/batches.ts';
import { FaultyFiles } from '../support/faulty-files.ts';
import type { Fault, FileCall } from '../support/faulty-files.ts';
import { HeldFiles, settled } from '../support/held-files.ts';
import { contentOf, namesIn } from '../support/partition-fixture.ts';
import { SimulatedMachine } from '../support/simulated-machine.ts';
import { syncRetryingFiles } from '../support/sync-retrying-files.ts';
import { Scene } from './scene.ts';

const SEEDS = Array.from({ length: 6 }, (_, n) => n + 1);

/** A broker on a disk of which any call can fail, with one record that is safe. */
async function storyBegins(seed: number, retries = false) {
  const machine = new SimulatedMachine(seed);
  const files = new FaultyFiles(machine.disk);
  const held = new HeldFiles(retries ? syncRetryingFiles(files) : files);
  const broker = await machine.start(held);
  const { topicId } = await broker.topic('t', { autoCreate: true });
  const directory = `/data/topics/${topicId.replaceAll('-', '')}/0`;
  const scene = new Scene(broker, machine.clock);
  await scene.produce(['safe']);
  return { machine, files, held, broker, scene, directory };
}

type Story = Awaited<ReturnType<typeof storyBegins>>;

/** The next sync of a segment fails, once; `more` fails too, for ever. */
function syncFails(
  { files, machine }: Story,
  kind: Fault['kind'] = 'EIO',
  more: (call: FileCall) => boolean = () => false,
): void {
  let isOver = false;
  files.setFault({
    kind,
    at: 1,
    lasts: true,
    only: (call) => {
      if (more(call)) return true;
      const isIt = !isOver && call.name === 'sync' && call.path.endsWith('.log');
      isOver ||= isIt;
      return isIt;
    },
    onFault: ({ name, path }) => {
      if (name.startsWith('sync')) machine.disk.loseUnsynced(path);
    },
  });
}

const isOfMarker = ({ path }: FileCall): boolean => path.includes('/fenced');

/** What a producer of one record hears. */
async function answerTo(scene: Scene, value: string) {
  const { error } = await scene.produce([value]).catch((refused: MillraceError) => ({
    error: refused,
  }));
  return error === undefined ? 'acknowledged' : `${error.code} ${error.written}`;
}

async function valuesAfterStart(machine: SimulatedMachine) {
  const broker = await machine.start();
  return new Scene(broker, machine.clock).values();
}

test.each(['EIO', 'ENOSPC'] as const)(
  'after a sync failed by %s nothing more is acknowledged, and nothing in doubt is shown',
  async (kind) => {
    const story = await storyBegins(1);
    const { scene, broker, machine, files, directory } = story;
    syncFails(story, kind);
    const sync = story.held.hold('sync', '.log');
    const doubtful = answerTo(scene, 'doubtful');
    await sync.reached;
    const queued = ['one', 'two'].map((value) => answerTo(scene, value));
    await settled();
    sync.release();
    expect(await doubtful).toBe('KAFKA_STORAGE_ERROR unknown');
    expect(await Promise.all(queued)).toEqual(queued.map(() => 'KAFKA_STORAGE_ERROR no'));
    files.setFault(undefined);
    // The disk is well again, and would say that it has synced.
    expect(await answerTo(scene, 'later')).toBe('KAFKA_STORAGE_ERROR no');
    const { batches, highWatermark } = await scene.fetch({ offset: 0 });
    expect([textsOf(await recordsIn(batches)), highWatermark]).toEqual([['safe'], 1]);
    // Whoever waits there is not told that this is the end.
    expect((await scene.fetch({ offset: 1 })).error).toMatchObject({ code: 'KAFKA_STORAGE_ERROR' });
    expect(broker.health().notOnline).toMatchObject([{ topic: 't', state: 'offline' }]);
    expect((await contentOf(machine.disk, `${directory}/fenced`)).toString()).toContain(kind);
    // Least of all by a stop in order.
    await broker.close();
    expect(machine.previousRun).toBe('same-boot');
  },
);

/** How the next start is told of it; either is enough. */
const TOLD = [
  ['its marker and the end', isNothing, undefined],
  ['its marker alone', isNothing, 'clean'],
  ['the unclean end alone, since the marker failed too', isOfMarker, undefined],
] as const;

function isNothing(): boolean {
  return false;
}

test.each(TOLD)(
  'the next start, told by %s, writes the tail into a new file before it serves',
  async (_, more, previousRun) => {
    for (const seed of SEEDS) {
      const story = await storyBegins(seed);
      const { scene, broker, machine, directory } = story;
      syncFails(story, 'EIO', more);
      expect(await answerTo(scene, 'doubtful')).toContain('unknown');
      await broker.close().catch(() => undefined);
      expect((await namesIn(machine.disk, directory)).includes('fenced')).toBe(more === isNothing);
      machine.kill();
      machine.previousRun = previousRun ?? machine.previousRun;
      const restarted = new FaultyFiles(machine.disk);
      const calls = restarted.record();
      const again = await machine.start(restarted);
      const isNew = ({ name, path }: FileCall): boolean =>
        path.startsWith(directory) && path.endsWith('.log.tmp') && name !== 'remove';
      const made = calls.filter(isNew).map(({ name }) => name);
      expect(made).toEqual(['create', 'write', 'sync', 'close', 'rename']);
      expect(await namesIn(machine.disk, directory)).not.toContain('fenced');
      // The page cache has it still: whoever reads it now must be able to read it for ever.
      expect(await new Scene(again, machine.clock).values()).toEqual(['safe', 'doubtful']);
      machine.cutPower();
      expect(await valuesAfterStart(machine)).toEqual(['safe', 'doubtful']);
    }
  },
);

test('a start that trusts what it reads would lose it: `rewrite` of recovery.ts is what helps', async () => {
  const found: unknown[] = [];
  for (const seed of SEEDS) {
    const story = await storyBegins(seed);
    const { scene, machine } = story;
    syncFails(story, 'EIO', isOfMarker);
    await answerTo(scene, 'doubtful');
    machine.kill();
    // As after a reboot, when what is read is what is stored.
    machine.previousRun = 'rebooted';
    expect(await valuesAfterStart(machine)).toEqual(['safe', 'doubtful']);
    machine.cutPower();
    found.push(await valuesAfterStart(machine).catch((error: unknown) => String(error)));
  }
  expect(found).not.toContainEqual(['safe', 'doubtful']);
});

test('one that tries a failed sync again would lose what it acknowledged: fence.ts is what helps', async () => {
  const found: unknown[] = [];
  for (const seed of SEEDS) {
    const story = await storyBegins(seed, true);
    syncFails(story);
    expect(await answerTo(story.scene, 'doubtful')).toBe('acknowledged');
    story.machine.cutPower();
    found.push(await valuesAfterStart(story.machine).catch((error: unknown) => String(error)));
  }
  expect(found).toContainEqual(['safe']);
});

test('for want of room a write heals, where a sync does not', async () => {
  const story = await storyBegins(1);
  const { scene, files, machine } = story;
  files.setFault({ kind: 'ENOSPC', at: 1, lasts: true, only: ({ name }) => name === 'write' });
  expect(await answerTo(scene, 'no room')).toBe('DISK_FULL no');
  files.setFault(undefined);
  expect(await answerTo(scene, 'room')).toBe('acknowledged');
  machine.cutPower();
  expect(await valuesAfterStart(machine)).toEqual(['safe', 'room']);
});

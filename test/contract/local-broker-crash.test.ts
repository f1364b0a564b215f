/** The promise of durability, kept through the seam: runs that end in the middle of their work. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { MillraceError } from '../../src/model/errors.ts';
import type { Files } from '../../src/storage/files.ts';
import { SimulatedMachine } from '../support/simulated-machine.ts';
import { Scene } from './scene.ts';

const SEEDS = Array.from({ length: 12 }, (_, n) => n + 1);

test.each(SEEDS)(
  'all that was acknowledged is there, in order and once (seed %i)',
  async (seed) => {
    expect(await violationsOf(seed, (disk) => disk)).toEqual([]);
  },
);

test('that is found out where syncs are left out: the check can fail', async () => {
  const violations: string[] = [];
  for (const seed of SEEDS) violations.push(...(await violationsOf(seed, withoutSyncs)));
  expect(violations.join()).toContain('lost');
});

/** By partition and offset: what was acknowledged for it, or seen there. */
type Known = readonly [Map<number, string>, Map<number, string>];

/** Three runs that end at some moment of their work, and a look at what is left after each. */
async function violationsOf(seed: number, disk: (files: Files) => Files): Promise<string[]> {
  const machine = new SimulatedMachine(seed);
  const known: Known = [new Map(), new Map()];
  const violations: string[] = [];
  for (const end of ['kill', 'cutPower', 'kill'] as const) {
    const broker = await machine.start(disk(machine.disk));
    const scene = new Scene(broker, machine.clock);
    await broker.topic('t', { autoCreate: true });
    await broker.addPartitions('t', 2);
    violations.push(...(await compare(scene, known)));
    const producing = Array.from({ length: 40 }, (_, n) =>
      produceLater(scene, known, { turns: n, name: `${known[0].size}.${n}` }),
    );
    // Somewhere in the middle of it; what is cut off never comes to an end.
    await Promise.all(producing.slice(0, 15));
    machine[end]();
  }
  const broker = await machine.start(disk(machine.disk));
  violations.push(...(await compare(new Scene(broker, machine.clock), known)));
  if (known[0].size + known[1].size < 60) violations.push('hardly anything was acknowledged');
  return violations;
}

async function produceLater(
  scene: Scene,
  known: Known,
  { turns, name }: { readonly turns: number; readonly name: string },
): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await nextTurn();
  const partition = turns % 2;
  const values = [`${name}.first`, `${name}.second`];
  const outcome = await scene.produce(values, { partition }).catch(messageOf);
  if (typeof outcome === 'string' || outcome.baseOffset === undefined) return;
  const { baseOffset } = outcome;
  values.forEach((value, index) => known[partition]?.set(baseOffset + index, value));
}

/** What is found now must stay as well: offsets are never given twice. */
async function compare(scene: Scene, known: Known): Promise<string[]> {
  const violations: string[] = [];
  for (const [partition, expected] of known.entries()) {
    const place = `partition ${partition}`;
    const found = await scene.values(partition).catch(messageOf);
    if (typeof found === 'string') {
      violations.push(`${place} lost: ${found}`);
      continue;
    }
    if (new Set(found).size < found.length) violations.push(`${place}: twice`);
    for (const [offset, value] of expected) {
      if (found[offset] === value) continue;
      const what = found.length <= offset ? 'lost' : `changed to ${found[offset]}`;
      violations.push(`${place}, offset ${offset}: ${value} ${what}`);
    }
    found.forEach((value, offset) => expected.set(offset, value as string));
  }
  return violations;
}

function messageOf(error: unknown): string {
  if (error instanceof MillraceError) return error.message;
  throw error;
}

/** A disk that says it has synced. */
function withoutSyncs(disk: Files): Files {
  return {
    open: async (path, mode) => {
      const file = await disk.open(path, mode);
      return {
        read: (into, position) => file.read(into, position),
        write: (chunks, position) => file.write(chunks, position),
        truncate: (bytes) => file.truncate(bytes),
        sync: async () => {},
        size: () => file.size(),
        close: () => file.close(),
      };
    },
    list: (directory) => disk.list(directory),
    makeDir: (directory) => disk.makeDir(directory),
    rename: (from, to) => disk.rename(from, to),
    remove: (path) => disk.remove(path),
    removeDir: (directory) => disk.removeDir(directory),
    syncDir: (directory) => disk.syncDir(directory),
  };
}

import { describe, expect, test } from 'vitest';
import { planRepair } from '../../../src/storage/doctor/repair-plan.ts';
import { spoiledDisk } from '../../support/damage-run.ts';
import type { Spoiled } from '../../support/damage-run.ts';
import { damageSubject } from '../../support/damage-subjects.ts';
import { examine, NOW_MS } from '../../support/repair-scene.ts';

async function plan(
  spoil: (name: string, content: Buffer) => Buffer | undefined,
  mustRewrite = false,
) {
  const subject = await damageSubject('small');
  const spoiled: Spoiled = new Map(
    [...subject.files].map(([name, content]) => [name, spoil(name, Buffer.from(content))]),
  );
  const found = await examine(spoiledDisk(subject, spoiled));
  return { found, ...planRepair(found, { mustRewrite, nowMs: NOW_MS }) };
}

const isIn = (name: string, base: number): boolean => name.includes(`0${base}.log`);

describe('a plan', () => {
  test('leaves alone what is sound, and sets the whole file aside that is not', async () => {
    const { keeps, makes, moves, aside, checkpoint, lostAtStart } = await plan((name, content) =>
      isIn(name, 3) ? content.fill(0, 70, 75) : content,
    );
    expect(aside).toBe('set-aside-1');
    expect(keeps).toEqual([0, 7]);
    expect(makes).toMatchObject([{ source: '00000000000000000003.log', baseOffset: 6 }]);
    expect(moves).toContain('00000000000000000003.log');
    expect(moves).toContain('recovery.checkpoint');
    expect(moves).not.toContain('00000000000000000000.log');
    const ranges = checkpoint.segments.map((row) => [row.baseOffset, row.endOffset]);
    expect([ranges, lostAtStart]).toEqual([
      [
        [0, 3],
        [6, 7],
        [7, 10],
      ],
      [],
    ]);
  });

  test('moves the log start behind what is lost at the beginning', async () => {
    const { checkpoint, lostAtStart } = await plan((name, content) =>
      isIn(name, 0) ? undefined : content,
    );
    expect([checkpoint.logStartOffset, lostAtStart]).toEqual([3, [{ from: 0, to: 3 }]]);
  });

  test('begins the next segment behind every offset that was given out', async () => {
    const { checkpoint } = await plan((name, content) =>
      isIn(name, 7) ? content.subarray(0, 90) : content,
    );
    expect(checkpoint.segments.at(-1)).toMatchObject({ baseOffset: 10, endOffset: 10, bytes: 0 });
    expect([checkpoint.durableOffset, checkpoint.segments.at(-2)?.endOffset]).toEqual([10, 8]);
  });

  test('sets a mark aside that nobody can read, and keeps its segment', async () => {
    const subject = await damageSubject('small');
    const mark = '00000000000000000003.damaged';
    const found = await examine(spoiledDisk(subject, new Map([[mark, Buffer.from('?')]])));
    const { moves, keeps } = planRepair(found, { mustRewrite: false, nowMs: NOW_MS });
    expect(moves).toEqual([mark, 'recovery.checkpoint']);
    expect(keeps).toEqual([0, 3, 7]);
  });

  test('writes anew what only the page cache may hold', async () => {
    const spoil = (name: string, content: Buffer): Buffer | undefined =>
      name === 'recovery.checkpoint' || isIn(name, 3) ? undefined : content;
    expect((await plan(spoil)).keeps).toEqual([0, 7]);
    const { keeps, makes, checkpoint } = await plan(spoil, true);
    expect([keeps, makes.map(({ baseOffset }) => baseOffset)]).toEqual([[], [0, 7]]);
    expect(checkpoint.segments.map(({ firstAppendMs }) => firstAppendMs)).toEqual([NOW_MS, NOW_MS]);
  });
});

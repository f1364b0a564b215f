import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { realFiles } from '../../src/storage/real-files.ts';
import { readHostFacts } from '../../src/storage/host.ts';
import { withFlippedBit } from '../support/batches.ts';
import { cliWorld, runIn } from '../support/cli-world.ts';
import type { Ran } from '../support/cli-world.ts';
import { doctorScene, pictureOf, produce } from '../support/doctor-scene.ts';
import type { DoctorScene } from '../support/doctor-scene.ts';
import { openLocalBroker } from '../support/local-broker.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const SECOND = '00000000000000000002.log';

function doctor({ directory }: Pick<DoctorScene, 'directory'>, ...args: string[]): Promise<Ran> {
  return runIn(cliWorld(), ['doctor', directory, ...args]);
}

async function spoil({ partition }: DoctorScene, name = SECOND, at = 120): Promise<void> {
  const path = join(partition, name);
  await writeFile(path, withFlippedBit(await readFile(path), at));
}

describe('a sound data directory', () => {
  test('is told to be sound, with what is in it', async () => {
    const scene = await doctorScene();
    const { code, out, err } = await doctor(scene);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(
      /: 1 topic, 3 logs\nlast owned by process 1 on test since .*, stopped in order/,
    );
    expect(out).toMatch(/\norders\/0: sound, offsets 0 to 5, 3 segments, [\d,]+ bytes\n/);
    expect(out).toMatch(/\norders\/1: sound, offsets 0, 1 segment, /);
    expect(out).toMatch(/\ngroups\/0: sound, offsets 0 to 2, 1 segment, /);
    expect(out).toMatch(/\nnothing is damaged\n$/);
  });

  test('and one that never had a server, or is empty, too; what is none is wrong usage', async () => {
    const directory = await temporaryDirectory();
    expect(await doctor({ directory })).toMatchObject({
      code: 0,
      out: expect.stringContaining('no server has owned it yet') as string,
    });
    expect((await doctor({ directory: join(directory, 'none') })).code).toBe(2);
  });
});

describe('damage', () => {
  test('is told with file, position, expected, found, records, what is next and what to do', async () => {
    const scene = await doctorScene();
    await spoil(scene);
    const { code, out, err } = await doctor(scene);
    expect(code).toBe(1);
    expect(err).toMatch(/^millrace: .*: 1 finding of damage\n$/);
    expect(out).toMatch(/orders\/0: DAMAGED/);
    expect(out).toMatch(
      /damage: .*0002\.log at position 0: crc should be 0x[0-9a-f]{8} \(stored\), found 0x[0-9a-f]{8}/,
    );
    expect(out).toMatch(/records affected: 2\n +next start: online, and offline as soon as/);
    expect(out).toMatch(/you can: put back a copy of the file, or run millrace doctor --repair/);
    expect(out).toMatch(/1 of 3 logs damaged; nothing was changed/);
  });

  test('is told as JSON for scripts', async () => {
    const scene = await doctorScene();
    await spoil(scene);
    const { code, out } = await doctor(scene, '--json');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      directory: scene.directory,
      topics: 1,
      is_damaged: true,
      findings: [],
      logs: [
        {
          name: 'orders/0',
          is_damaged: true,
          log_start_offset: 0,
          end_offset: 6,
          segments: 3,
          findings: [
            { kind: 'bad-bytes', position: 0, offsets: { from: 2, to: 3 }, is_hidden: true },
          ],
          repair: null,
        },
        { name: 'orders/1', is_damaged: false },
        { name: 'groups/0', is_damaged: false },
      ],
    });
  });

  test('changes nothing while it is only looked at: no byte, no name, no time', async () => {
    const scene = await doctorScene();
    await spoil(scene);
    await writeFile(join(scene.partition, 'x.tmp'), 'x');
    await rm(join(scene.directory, 'catalogue.db-wal'), { force: true });
    const before = await pictureOf(scene.directory);
    await doctor(scene);
    await doctor(scene, '--json');
    expect(await pictureOf(scene.directory)).toEqual(before);
  });

  test('is repaired: the rest is served, no offset is given twice, every byte is kept', async () => {
    const scene = await doctorScene();
    await spoil(scene);
    const spoiled = await readFile(join(scene.partition, SECOND));
    const { code, out } = await doctor(scene, '--repair');
    expect(code).toBe(1);
    expect(out).toMatch(/repaired: lost are the offsets 2\n +set aside in .*set-aside-1\n/);
    expect(out).toMatch(/the next record gets offset 6\n/);
    expect(await readFile(join(scene.partition, 'set-aside-1', SECOND))).toEqual(spoiled);
    expect(await doctor(scene)).toMatchObject({
      code: 0,
      out: expect.stringContaining('these records are gone') as string,
    });
    const broker = await openLocalBroker({ directory: scene.directory });
    expect(broker.health().notOnline).toEqual([]);
    expect(await produce(broker, 0, 'next')).toMatchObject({ baseOffset: 6 });
    const fetched = { topic: 'orders', partition: 0, offset: 2, maxBytes: 1 };
    const [result] = await broker.fetch({
      partitions: [fetched],
      minBytes: 1,
      maxBytes: 1,
      maxWaitMs: 0,
    });
    // Readers are led past the gap.
    expect(Buffer.from(result?.batches ?? []).readBigInt64BE()).toBe(3n);
  });

  test('that an interrupted repair has left is repaired by the next', async () => {
    const scene = await doctorScene();
    await spoil(scene);
    await doctor(scene, '--repair');
    // As it was before the last step.
    const aside = join(scene.partition, 'set-aside-1');
    await rename(join(aside, 'repair.done'), join(scene.partition, 'repair.unfinished'));
    expect((await doctor(scene)).out).toContain('a repair was interrupted');
    expect((await doctor(scene, '--repair')).out).toContain('repaired: lost are the offsets 2\n');
    expect((await doctor(scene)).code).toBe(0);
    expect(await readdir(scene.partition)).not.toContain('set-aside-2');
  });

  test('that came after an interrupted repair is repaired with it', async () => {
    const scene = await doctorScene();
    await spoil(scene);
    await doctor(scene, '--repair');
    const aside = join(scene.partition, 'set-aside-1');
    await rename(join(aside, 'repair.done'), join(scene.partition, 'repair.unfinished'));
    await spoil(scene, '00000000000000000004.log');
    expect((await doctor(scene, '--repair')).out).toContain('lost are the offsets 2, 4\n');
    expect((await doctor(scene)).code).toBe(0);
  });

  test('that cannot be repaired is said to be so', async () => {
    const scene = await doctorScene();
    for (const name of await readdir(scene.partition)) await rm(join(scene.partition, name));
    expect((await doctor(scene, '--repair')).out).toContain('not repaired: nothing is left');
    await rm(scene.partition, { recursive: true });
    expect((await doctor(scene, '--repair')).out).toContain('not repaired: it cannot be read');
    await mkdir(scene.partition);
    await writeFile(join(scene.partition, 'repair.unfinished'), 'x');
    expect((await doctor(scene, '--repair')).out).toContain('repair.unfinished is damaged');
  });
});

describe('the directory itself', () => {
  test('is ./data unless another is named', async () => {
    const home = process.cwd();
    const { directory } = await doctorScene();
    await rename(directory, `${directory}.parent`);
    await mkdir(directory);
    await rename(`${directory}.parent`, join(directory, 'data'));
    const chdir = vi.spyOn(process, 'cwd').mockReturnValue(directory);
    onTestFinished(() => chdir.mockRestore());
    expect((await runIn(cliWorld(), ['doctor'])).out).toContain(
      `${join(directory, 'data')}, cluster`,
    );
    chdir.mockRestore();
    expect(process.cwd()).toBe(home);
  });

  test('tells a last server that did not stop in order, and a boot since', async () => {
    const { directory } = await doctorScene();
    const path = join(directory, 'owner.json');
    const owner = { host: 'h', boot_id: 'another', pid: 7, process_start: '1', since: 'then' };
    await writeFile(path, JSON.stringify(owner));
    const told = 'last owned by process 7 on h since then, which did not stop in order';
    expect((await doctor({ directory })).out).toContain(
      `${told}, and the machine was booted since`,
    );
    const { bootId } = await readHostFacts(realFiles);
    await writeFile(path, JSON.stringify({ ...owner, boot_id: bootId }));
    expect((await doctor({ directory })).out).toContain(`${told}\n`);
  });

  test('in use is left alone, and who has it is said', async () => {
    const { directory } = await doctorScene();
    await openLocalBroker({ directory, host: await readHostFacts(realFiles) });
    expect(await doctor({ directory })).toMatchObject({
      code: 3,
      out: '',
      err: expect.stringContaining(`in use by process ${process.pid}`) as string,
    });
  });

  test('without its catalogue is damaged, and its logs are looked at all the same', async () => {
    const scene = await doctorScene();
    await rm(join(scene.directory, 'catalogue.db'));
    const { code, out } = await doctor(scene);
    expect(code).toBe(1);
    expect(out).toContain('the list of topics is gone');
    expect(out).toContain('orders/0: sound');
    await writeFile(join(scene.directory, 'catalogue.db'), Buffer.alloc(8_192, 1));
    const damaged = await doctor(scene, '--repair');
    expect(damaged.out).toContain(`${join(scene.directory, 'catalogue.db')}: content should be`);
    expect(damaged.out).toContain('the list of topics cannot be read');
  });

  test('with things in it that nobody knows of shows them as notes', async () => {
    const scene = await doctorScene();
    const topics = join(scene.directory, 'topics');
    await mkdir(join(topics, 'f'.repeat(32)));
    await writeFile(join(topics, 'f'.repeat(32), 'topic.json'), '{"name":"old"}');
    await writeFile(join(scene.directory, 'notes\u001b.txt'), '');
    await writeFile(join(scene.partition, '..', 'topic.json'), '{"name":"another"}');
    await writeFile(join(scene.partition, '..', 'extra'), '');
    await mkdir(join(scene.directory, 'groups', '1'));
    await writeFile(join(scene.directory, 'owner.json'), '?');
    const { code, out } = await doctor(scene);
    expect(code).toBe(0);
    expect(out).toContain('a directory of a topic that the catalogue does not know');
    expect(out).toContain('(old)');
    expect(out).toContain('notes\\x1b.txt');
    expect(out).toContain('name should be orders, found another');
    expect(out).toContain('extra\n');
    expect(out).toContain('how the last server ended cannot be told');
  });
});

test('a terminal sees how far it is, and Ctrl-C ends it with nothing changed', async () => {
  const scene = await doctorScene();
  const world = cliWorld({ terminals: ['stderr'] });
  Object.assign(world, { now: () => (world.nowMs += 1_000) });
  const { err } = await runIn(world, ['doctor', scene.directory]);
  expect(err).toMatch(/\[#+\.*\] +\d+ %/);
  const before = await pictureOf(scene.directory);
  const interrupted = cliWorld();
  interrupted.interrupt();
  expect((await runIn(interrupted, ['doctor', scene.directory, '--repair'])).code).toBe(130);
  expect(await pictureOf(scene.directory)).toEqual(before);
});

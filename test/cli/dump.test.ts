import { appendFile, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { cliWorld, runIn } from '../support/cli-world.ts';
import type { Ran } from '../support/cli-world.ts';
import { CODECS, compressedBatch } from '../support/compressed-frames.ts';
import { resealed } from '../support/hand-made-batch.ts';
import { openLocalBroker } from '../support/local-broker.ts';
import { storedBatch, storedValues, valued } from '../support/stored-records.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

let directory: string;

beforeEach(async () => {
  directory = await temporaryDirectory();
});

/** Without a base offset in its name. */
async function segment(bytes: Uint8Array, name = 'segment.log'): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, bytes);
  return path;
}

function dump(path: string, ...options: string[]): Promise<Ran> {
  return runIn(cliWorld(), ['dump', path, ...options]);
}

describe('a sound segment', () => {
  it('is printed batch by batch and record by record', async () => {
    const bytes = storedValues(['a', 'b'], ['c']);
    const { code, out, err } = await dump(await segment(bytes));
    expect(code).toBe(0);
    expect(out.split('\n').map((line) => line.split(', ')[0])).toEqual([
      'batch at 0',
      '  0  1970-01-01T00:00:01.000Z  null  "a"',
      '  1  1970-01-01T00:00:01.000Z  null  "b"',
      expect.stringMatching(/^batch at \d+$/),
      '  2  1970-01-01T00:00:01.000Z  null  "c"',
      '',
    ]);
    expect(err).toBe(`2 batches, 3 records, ${bytes.length} bytes: every check passed\n`);
  });

  it('may be compressed', async () => {
    const batches = CODECS.map((codec, index) =>
      compressedBatch(storedBatch([valued(codec.repeat(20))], { baseOffset: index }), codec),
    );
    const { code, out } = await dump(await segment(Buffer.concat(batches)), '--values');
    expect(code).toBe(0);
    for (const codec of CODECS) {
      expect(out).toContain(`, ${codec}, `);
      expect(out).toContain(`"${codec.repeat(20)}"`);
    }
  });

  it('may be empty', async () => {
    expect(await dump(await segment(Buffer.alloc(0)))).toEqual({
      code: 0,
      out: '',
      err: '0 batches, 0 records, 0 bytes: every check passed\n',
    });
  });

  it('may be shown by its batches alone, or as a JSON object a line', async () => {
    const path = await segment(storedValues(['12345678901234567890'], ['b']));
    expect((await dump(path, '--batches')).out.match(/^batch/gm)).toHaveLength(2);
    expect((await dump(path, '-b')).out.split('\n')).toHaveLength(3);
    const objects = (await dump(path, '--json')).out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(objects).toMatchObject([
      { batch: { position: 0, baseOffset: 0, recordCount: 1, compression: 'none' } },
      { record: { offset: 0, key: null, value: '12345678901234567890' } },
      { batch: { baseOffset: 1 } },
      { record: { offset: 1 } },
    ]);
  });

  it('may belong to one flush, or to several', async () => {
    const batches = [
      storedBatch([valued('a'), valued('b')], { baseOffset: 0 }),
      storedBatch([valued('c')], { baseOffset: 2, leaderEpoch: 2 }),
      storedBatch([valued('d')], { baseOffset: 3 }),
    ];
    const { code, out } = await dump(await segment(Buffer.concat(batches)), '-b');
    expect(code).toBe(0);
    expect(out.match(/flush from \d/g)).toEqual(['flush from 0', 'flush from 0', 'flush from 3']);
  });
});

describe('a fault', () => {
  const first = storedBatch([valued('sound')]);
  const second = storedBatch([valued('hurt')], { baseOffset: 1 });

  async function faultIn(bytes: Uint8Array, name?: string): Promise<Ran> {
    return dump(await segment(bytes, name));
  }

  function changed(bytes: Buffer, change: (copy: Buffer) => void): Buffer {
    const copy = Buffer.from(bytes);
    change(copy);
    return copy;
  }

  it('of any single bit is found, behind all that is sound', async () => {
    for (let at = 0; at < second.length; at += 1) {
      const hurt = changed(second, (copy) => copy.writeUInt8(copy.readUInt8(at) ^ 4, at));
      const { code, out, err } = await faultIn(Buffer.concat([first, hurt]));
      expect(code, `byte ${at}`).toBe(1);
      expect(out).toContain('"sound"');
      expect(out).not.toContain('"hurt"');
      expect(err).toMatch(
        new RegExp(`^millrace: .*segment.log: at position ${first.length}: .*\n$`),
      );
    }
  });

  it('names what was expected and what was found', async () => {
    const hurt = changed(first, (copy) => copy.writeUInt8(copy.readUInt8(30) ^ 1, 30));
    const { err } = await faultIn(hurt);
    expect(err).toMatch(
      /at position 0: crc: expected 0x[0-9a-f]{8} .*, found 0x[0-9a-f]{8} \(computed\)\n$/,
    );
  });

  it('of a file cut short says how much is left', async () => {
    const whole = Buffer.concat([first, second]);
    const { code, err } = await faultIn(whole.subarray(0, whole.length - 3));
    expect(code).toBe(1);
    expect(err).toContain(
      `batch length: expected at most the ${second.length - 3} bytes to the end of the file, found ${second.length} bytes`,
    );
    expect((await faultIn(whole.subarray(0, first.length + 20))).err).toContain(
      'batch header: expected 61 bytes, found 20 bytes to the end',
    );
  });

  it('of a file that is no segment asks whether it is one', async () => {
    const { code, out, err } = await faultIn(Buffer.from('hello world, '.repeat(50)), 'notes.txt');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('expected at most 67108925 bytes');
    expect(err).toMatch(/; is it a segment \(\.log\) file\?\n$/);
    expect((await faultIn(Buffer.alloc(1_000))).code).toBe(1);
    expect((await faultIn(Buffer.from('x'))).code).toBe(1);
  });

  it('in records under a CRC that is right is found as well', async () => {
    const hurt = resealed(changed(first, (copy) => copy.writeUInt8(200, 61)));
    expect((await faultIn(hurt)).code).toBe(1);
    const compressed = compressedBatch(first, 'gzip');
    const torn = resealed(changed(compressed, (copy) => copy.fill(7, 75)));
    expect((await faultIn(torn)).err).toMatch(/^millrace: .*at position 0: /);
  });

  it('of the order of offsets is found, also of the first by the name of the file', async () => {
    const far = storedBatch([valued('x')], { baseOffset: 7 });
    expect((await faultIn(Buffer.concat([first, far]))).err).toContain(
      'baseOffset: expected 1, found 7',
    );
    const name = '00000000000000000042.log';
    expect((await faultIn(first, name)).err).toContain('baseOffset: expected 42, found 0');
    const right = storedBatch([valued('x')], { baseOffset: 42 });
    expect((await faultIn(right, name)).code).toBe(0);
  });

  it('of a flush that began elsewhere is found', async () => {
    const odd = storedBatch([valued('x')], { baseOffset: 2, leaderEpoch: 1 });
    const two = storedBatch([valued('a'), valued('b')]);
    expect((await faultIn(Buffer.concat([two, odd]))).err).toContain(
      'flush start: expected 2 or 0, found 1',
    );
  });

  it('of a number beyond 2^53 is found, rather than printed wrong', async () => {
    const hurt = resealed(changed(first, (copy) => copy.writeBigInt64BE(2n ** 62n, 43)));
    expect((await faultIn(hurt)).err).toContain('producerId: expected within +-(2^53 - 1)');
  });
});

describe('a path', () => {
  it('that leads nowhere, or to a directory, is one line', async () => {
    expect(await dump(join(directory, 'none'))).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^millrace: ENOENT: .*\n$/) as string,
    });
    expect(await dump(directory)).toMatchObject({
      code: 1,
      err: `millrace: ${directory} is not a file; name a segment (.log) file\n`,
    });
  });
});

it('a server may go on writing the file', async () => {
  const broker = await openLocalBroker({ directory: join(directory, 'data') });
  const topic = await broker.createTopic({ name: 't' });
  const records = ['a', 'b'].map((value) => valued(value, { timestamp: 0 }));
  const produce = () =>
    broker.produce([{ topic: 't', partition: 0, payload: { kind: 'records', records } }]);
  await produce();
  const id = topic.topicId.replaceAll('-', '');
  const path = join(directory, 'data', 'topics', id, '0', '00000000000000000000.log');
  expect((await dump(path)).err).toMatch(/^1 batch, 2 records, /);
  await produce();
  expect((await dump(path)).err).toMatch(/^2 batches, 4 records, .*every check passed\n$/);
});

it('what is written behind the end it began with is not asked for', async () => {
  const path = await segment(storedValues(['a']));
  const { size } = await stat(path);
  const world = cliWorld();
  world.out.once('captured', () => void appendFile(path, 'not a batch'));
  const ran = await runIn(world, ['dump', path]);
  expect(ran).toMatchObject({ code: 0, err: expect.stringContaining(`${size} bytes`) as string });
  await expect.poll(async () => (await readFile(path)).length).toBeGreaterThan(size);
});

it('an interruption ends it between two batches', async () => {
  const path = await segment(storedValues(['a'], ['b'], ['c']));
  const world = cliWorld();
  world.out.once('captured', () => world.interrupt());
  const { code, out } = await runIn(world, ['dump', path, '--batches']);
  expect(code).toBe(130);
  expect(out.match(/^batch/gm)).toHaveLength(1);
});

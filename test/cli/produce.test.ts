import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { beforeAll, describe, expect, it } from 'vitest';
import { MillraceError } from '../../src/model/errors.ts';
import type { CliWorldOptions, Ran } from '../support/cli-world.ts';
import { cliWorld, run, runIn, slowInput } from '../support/cli-world.ts';
import { recordsIn } from '../support/batches.ts';
import { cut, deadAddress, fakeServer, json } from '../support/fake-server.ts';
import type { ListeningApp } from '../support/http-app.ts';
import { listeningApp } from '../support/http-app.ts';
import { startServerProcess } from '../support/server-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

let app: ListeningApp;

beforeAll(async () => {
  app = await listeningApp();
  return () => app[Symbol.asyncDispose]();
});

function produce(
  args: string,
  stdin: CliWorldOptions['stdin'] = '',
  more: CliWorldOptions = {},
): Promise<Ran> {
  return run(app, `produce ${args}`, { stdin, ...more });
}

async function stored(topic: string, partition = 0) {
  const [result] = await app.broker.fetch({
    partitions: [{ topic, partition, offset: 0, maxBytes: 100_000_000 }],
    minBytes: 0,
    maxBytes: 100_000_000,
    maxWaitMs: 0,
  });
  if (result?.error !== undefined) throw result.error;
  return recordsIn(result?.batches ?? Buffer.alloc(0));
}

async function values(topic: string): Promise<string[]> {
  return (await stored(topic)).map(({ value }) => Buffer.from(value ?? 'null').toString('latin1'));
}

function numbered(count: number): string {
  return Array.from({ length: count }, (_, index) => `${index + 1}\n`).join('');
}

describe('each line becomes a record', () => {
  it('in its order, over as many requests as it takes', async () => {
    const ran = await produce('many', numbered(25_000));
    expect(ran).toEqual({ code: 0, out: '', err: '25,000 records produced to many\n' });
    expect(await values('many')).toEqual(numbered(25_000).trim().split('\n'));
  });

  it('with or without a last line feed', async () => {
    await produce('last', 'a\nb');
    expect(await values('last')).toEqual(['a', 'b']);
  });

  it('and none for no input', async () => {
    expect(await produce('none')).toMatchObject({ code: 0, err: '0 records produced to none\n' });
  });

  it('CR LF ends a line as well', async () => {
    await produce('crlf', 'a\r\n\r\nb\r\n');
    expect(await values('crlf')).toEqual(['a', '', 'b']);
  });

  it('byte for byte, whatever the bytes are', async () => {
    const bytes = Buffer.from([0, 255, 27, 128, 13, 0]);
    await produce('binary', Buffer.concat([bytes, Buffer.from('\n')]));
    expect((await stored('binary'))[0]?.value).toEqual(bytes);
  });

  it('also one of nearly a megabyte', async () => {
    const line = 'x'.repeat(1_048_000);
    expect((await produce('large', `a\n${line}\nb\n`)).code).toBe(0);
    expect((await values('large')).map((value) => value.length)).toEqual([1, 1_048_000, 1]);
  });

  it('as soon as it is there', async () => {
    const input = slowInput();
    const running = produce('slow', input);
    for (const line of ['one', 'two']) {
      input.write(`${line}\n`);
      await expect.poll(() => values('slow').catch(() => [])).toContain(line);
    }
    input.end();
    expect((await running).err).toBe('2 records produced to slow\n');
  });
});

describe('a line that cannot be stored', () => {
  it('is named when it is above max.message.bytes; those before it are stored', async () => {
    await app.broker.createTopic({
      name: 'strict',
      configOverrides: new Map([['max.message.bytes', '1000']]),
    });
    const ran = await produce('strict', `a\nb\n${'x'.repeat(2_000)}\nd\n`);
    expect(ran.code).toBe(1);
    expect(ran.err).toMatch(
      /^millrace: line 3 .*max\.message\.bytes is 1000; the first 2 lines are stored\n$/,
    );
    expect(await values('strict')).toEqual(['a', 'b']);
  });

  it('is named when it is above what a request may be', async () => {
    await using small = await listeningApp({ settings: { bodyBytesMax: 2_048 } });
    const stdin = `${numbered(200)}${'x'.repeat(3_000)}\nz\n`;
    const ran = await run(small, 'produce t', { stdin });
    expect(ran.code).toBe(1);
    expect(ran.err).toMatch(
      /^millrace: line 201 is too long: .*2048.*; the first 200 lines are stored\n$/,
    );
  });

  it('is named when it has no key delimiter; those before it are stored', async () => {
    const ran = await produce('keyed-badly -K :', 'a:1\nb:2\nc\nd:4\n');
    expect(ran).toEqual({
      code: 1,
      out: '',
      err: 'millrace: line 3 has no key delimiter ":"; the first 2 lines are stored\n',
    });
    expect(await values('keyed-badly')).toEqual(['1', '2']);
  });
});

describe('options', () => {
  it('-K splits at the first delimiter into key and value', async () => {
    await produce('keyed -K :', 'ada:1:2\n:3\n');
    expect(await stored('keyed')).toMatchObject([
      { key: Buffer.from('ada'), value: Buffer.from('1:2') },
      { key: Buffer.alloc(0), value: Buffer.from('3') },
    ]);
  });

  it('-K takes a tab by its name', async () => {
    await produce('tabbed -K \\t', 'ada\t1\n');
    expect(await stored('tabbed')).toMatchObject([{ key: Buffer.from('ada') }]);
  });

  it('-Z makes null of what is empty', async () => {
    await produce('nulls -K : -Z', 'gone:\n:x\n');
    expect(await stored('nulls')).toMatchObject([
      { key: Buffer.from('gone'), value: null },
      { key: null, value: Buffer.from('x') },
    ]);
  });

  it('-H adds headers to every record', async () => {
    await produce('headed -H source=import -H run=7=7', 'a\nb\n');
    for (const { headers } of await stored('headed')) {
      expect(headers.map(({ key, value }) => [key, Buffer.from(value ?? '').toString()])).toEqual([
        ['source', 'import'],
        ['run', '7=7'],
      ]);
    }
  });

  it('-p sends everything to one partition, whatever the keys', async () => {
    await app.broker.createTopic({ name: 'parts', partitionCount: 3 });
    await produce('parts -p 2 -K :', 'a:1\nb:2\nc:3\n');
    expect(await stored('parts', 2)).toHaveLength(3);
  });

  it('-p of a partition that is not there is 3', async () => {
    const ran = await produce('parts -p 7', 'a\n');
    expect(ran.code).toBe(3);
    expect(ran.err).toMatch(/7.*\(UNKNOWN_TOPIC_OR_PARTITION\); nothing is stored\n$/);
  });

  it('-q says nothing when all went well', async () => {
    expect(await produce('quiet -q', 'a\n')).toEqual({ code: 0, out: '', err: '' });
  });
});

describe('a file', () => {
  it('is read instead of stdin', async () => {
    const path = join(await temporaryDirectory(), 'input');
    await writeFile(path, 'a\nb\n');
    const ran = await run(app, ['produce', 'file', path], { stdin: 'not this\n' });
    expect(ran.err).toBe('2 records produced to file\n');
    expect(await values('file')).toEqual(['a', 'b']);
  });

  it('named - is stdin', async () => {
    await produce('dash -', 'a\n');
    expect(await values('dash')).toEqual(['a']);
  });

  it('that is missing, or a directory, is one line', async () => {
    const directory = await temporaryDirectory();
    const missing = join(directory, 'none');
    expect(await run(app, ['produce', 'x', missing])).toMatchObject({
      code: 1,
      err: `millrace: ENOENT: no such file or directory, open '${missing}'\n`,
    });
    await mkdir(missing);
    expect(await run(app, ['produce', 'x', missing])).toMatchObject({
      code: 1,
      err: `millrace: ${missing} is a directory; name a file\n`,
    });
  });
});

describe('a server', () => {
  it('that is not there is 4, and nothing is stored', async () => {
    const url = await deadAddress();
    const ran = await run({ url }, 'produce t', { stdin: 'a\n' });
    expect(ran.code).toBe(4);
    expect(ran.err).toMatch(/^millrace: no answer from .*; nothing is stored\n$/);
  });

  it('that goes away leaves the lines of that request in doubt', async () => {
    const server = await fakeServer(json(200, {}), cut);
    const ran = await run(server, 'produce t', { stdin: numbered(15_000) });
    expect(ran.code).toBe(4);
    expect(ran.err).toMatch(
      /^millrace: lost the connection to .*; the first 10,000 lines are stored, lines 10,001 to 15,000 may be\n$/,
    );
  });

  it('that is full says that nothing was written', async () => {
    const full = new MillraceError('DISK_FULL', 'the disk is full', { written: 'no' });
    app.broker.failNextProduce(full);
    expect(await produce('full', 'a\n')).toMatchObject({
      code: 1,
      err: 'millrace: the disk is full (DISK_FULL); nothing is stored\n',
    });
  });

  it('that is busy is asked again', async () => {
    const busy = { retriable: true, written: 'no' } as const;
    app.broker.failNextProduce(new MillraceError('THROTTLING_QUOTA_EXCEEDED', 'busy', busy));
    expect(await produce('busy', 'a\n')).toMatchObject({ code: 0 });
    expect(await values('busy')).toEqual(['a']);
  });

  it('that creates no topics by itself knows none', async () => {
    const server = await fakeServer(
      json(404, { code: 'UNKNOWN_TOPIC_OR_PARTITION', message: 'no topic "t"', written: 'no' }),
    );
    expect((await run(server, 'produce t', { stdin: 'a\n' })).code).toBe(3);
  });
});

describe('what is said to be stored', () => {
  it('is there after the server was killed in the middle, and no more than may be', async () => {
    const directory = await temporaryDirectory();
    const first = await startServerProcess(directory);
    const input = Readable.from(endlessLines());
    const producing = run(first, 'produce t', { stdin: input });
    await expect.poll(() => endOffset(first.url), { timeout: 10_000 }).toBeGreaterThan(20_000);
    await first.stop('SIGKILL');
    const { code, err } = await producing;
    expect(code).toBe(4);
    const numbers = /first ([\d,]+) lines are stored(?:, lines [\d,]+ to ([\d,]+) may be)?\n$/.exec(
      err,
    );
    const [sure = NaN, perhaps = sure] = (numbers ?? [])
      .slice(1)
      .filter((text) => text !== undefined)
      .map((text) => Number(text.replaceAll(',', '')));
    const second = await startServerProcess(directory);
    const end = await endOffset(second.url);
    await second.stop();
    expect(end).toBeGreaterThanOrEqual(sure);
    expect(end).toBeLessThanOrEqual(perhaps);
  });

  function* endlessLines(): Generator<Buffer> {
    for (let line = 1; ; line += 1_000) {
      yield Buffer.from(Array.from({ length: 1_000 }, (_, index) => `${line + index}\n`).join(''));
    }
  }

  async function endOffset(url: string): Promise<number> {
    const answer = await fetch(`${url}/topics/t/partitions/0`);
    return answer.ok ? ((await answer.json()) as { end_offset: number }).end_offset : 0;
  }
});

describe('an interruption', () => {
  it('ends the waiting for input, and the count is exact', async () => {
    const input = slowInput();
    const world = cliWorld({ stdin: input, environment: { MILLRACE_SERVER: app.url } });
    const running = runIn(world, 'produce -q stopped');
    input.write('a\nb\nhalf a line');
    await expect.poll(() => values('stopped').catch(() => [])).toEqual(['a', 'b']);
    world.interrupt();
    expect(await running).toEqual({ code: 130, out: '', err: '2 records produced to stopped\n' });
    expect(await values('stopped')).toEqual(['a', 'b']);
  });

  it('waits for the answer about the request under way, and sends no other', async () => {
    const world = cliWorld({ stdin: numbered(25_000) });
    const server = await fakeServer((response) => {
      world.interrupt('SIGTERM');
      setImmediate(() => response.end('{}'));
    });
    const ran = await runIn(world, `produce t --server ${server.url}`);
    expect(ran).toEqual({ code: 143, out: '', err: '10,000 records produced to t\n' });
    expect(server.requests).toHaveLength(1);
  });

  it('hides no failure of that request', async () => {
    const world = cliWorld({ stdin: 'a\n' });
    const server = await fakeServer((response) => {
      world.interrupt();
      setImmediate(() => response.destroy());
    });
    const ran = await runIn(world, `produce t --server ${server.url}`);
    expect(ran.code).toBe(130);
    expect(ran.err).toMatch(/; line 1 may be stored\n$/);
  });

  it('before the first line sends nothing', async () => {
    const world = cliWorld({ stdin: slowInput(), environment: { MILLRACE_SERVER: app.url } });
    world.interrupt();
    expect(await runIn(world, 'produce early')).toMatchObject({ code: 130 });
  });
});

describe('on a terminal', () => {
  it('says how typing ends', async () => {
    const ran = await produce('typed', 'a\n', { terminals: ['stdin'] });
    expect(ran.err).toBe('a record a line; Ctrl-D ends\n1 record produced to typed\n');
  });

  it('shows how far long work has come, and takes that away', async () => {
    const path = join(await temporaryDirectory(), 'input');
    await writeFile(path, numbered(50_000));
    const world = cliWorld({ terminals: ['stderr'], environment: { MILLRACE_SERVER: app.url } });
    const long = { ...world, now: () => (world.nowMs += 400) };
    await runIn(long, ['produce', 'long', path]);
    expect(world.err.text).toMatch(/\[K\[#+\.*\] +\d+ % {2}\d+ s left {2}[\d,]+ records/);
    expect(world.err.text.endsWith('\r\u001b[K50,000 records produced to long\n')).toBe(true);
  });
});

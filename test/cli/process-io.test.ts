import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Interruption } from '../../src/cli/exit.ts';
import { processIo } from '../../src/cli/process-io.ts';
import { startMillrace, startShell } from '../support/cli-process.ts';
import { fakeServer, lines } from '../support/fake-server.ts';
import type { ListeningApp } from '../support/http-app.ts';
import { listeningApp } from '../support/http-app.ts';
import { valued } from '../support/stored-records.ts';

let app: ListeningApp;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  app = await listeningApp();
  environment = { MILLRACE_SERVER: app.url };
  await app.broker.createTopic({ name: 'full' });
  const records = Array.from({ length: 20_000 }, (_, index) => valued(`value ${index}`));
  await app.broker.produce([
    { topic: 'full', partition: 0, payload: { kind: 'records', records } },
  ]);
  return () => app[Symbol.asyncDispose]();
});

function endOffset(topic: string): Promise<number> {
  return app.broker.listOffset(topic, 0, 'latest').then(
    ({ offset }) => offset,
    () => 0,
  );
}

describe('the world of a process', () => {
  it('is interrupted by the first signal, and leaves the second to the system', async () => {
    const listeners = () => process.listenerCount('SIGINT') + process.listenerCount('SIGTERM');
    const before = listeners();
    const randomBytes = (count: number) => Buffer.alloc(count, 'r');
    const io = processIo({ now: () => 7, wallMs: () => 8, pause: async () => {}, randomBytes });
    expect(io.wallMs()).toBe(8);
    expect(io.randomBytes(2)).toEqual(Buffer.from('rr'));
    expect(io.now()).toBe(7);
    expect(io.interrupted.aborted).toBe(false);
    expect(listeners()).toBe(before + 2);
    process.emit('SIGTERM', 'SIGTERM');
    expect(io.interrupted.reason).toBeInstanceOf(Interruption);
    expect(io.interrupted.reason).toMatchObject({ exitCode: 143 });
    expect(listeners()).toBe(before);
  });

  it('ends its pauses with the interruption', async () => {
    const pauses: [number, AbortSignal][] = [];
    const io = processIo({
      now: () => 0,
      wallMs: () => 0,
      pause: async (delayMs, signal) => void pauses.push([delayMs, signal]),
      randomBytes: (count) => Buffer.alloc(count, 'r'),
    });
    onTestFinished(() => void process.emit('SIGINT', 'SIGINT'));
    await io.pause(5);
    expect(pauses).toEqual([[5, io.interrupted]]);
  });
});

describe('in a pipe', () => {
  it.each([
    ['millrace consume full | head -1', 'value 0\n'],
    ['millrace consume full --follow | head -1', 'value 0\n'],
    ['millrace consume full -O json | head -c 1', '['],
    ['millrace topics describe full | true', ''],
    ['millrace --help | true', ''],
    ['millrace help consume | head -1', 'Usage: millrace consume [options] [topic...]\n'],
    ['millrace serve --help | true', ''],
    ['millrace --version >&-', ''],
    ['millrace consume full >&-', ''],
    ['millrace consume full | tail -1', 'value 19999\n'],
  ])('%s', async (line, out) => {
    expect(await startShell(line, { environment }).ended).toEqual({
      code: 0,
      signal: null,
      out,
      err: '',
    });
  });

  /** A pipe, number 3, whose reader is gone before anything is written. */
  const DEAD_PIPE = 'exec 3> >(true); wait $!; ';

  it.each(['consume full', 'topics list', '--help', 'serve --help'])(
    'whose reader is gone before the first write %s ends well',
    async (args) => {
      const line = `${DEAD_PIPE} millrace ${args} >&3`;
      expect(await startShell(line, { environment }).ended).toMatchObject({ code: 0, err: '' });
    },
  );

  it('the code of a failure does not depend on who still listens', async () => {
    const heard = await startShell('millrace consume none', { environment }).ended;
    expect(heard).toMatchObject({
      code: 3,
      err: expect.stringMatching(/^millrace: .*\n$/) as string,
    });
    const deaf = startShell(`${DEAD_PIPE} millrace consume none 2>&3`, { environment });
    expect(await deaf.ended).toMatchObject({ code: 3, out: '', err: '' });
  });

  it('to a full disk it fails with one line', async () => {
    const { code, err } = await startShell('millrace --help > /dev/full', { environment }).ended;
    expect(code).toBe(1);
    expect(err).toMatch(/^millrace: ENOSPC.*\n$/);
  });

  it('lines come in from another program, and go to one', async () => {
    const line = 'seq 3000 | millrace produce counted -q && millrace consume counted | tail -1';
    expect((await startShell(line, { environment }).ended).out).toBe('3000\n');
  });

  it('a program that is refused its input is told by the system', async () => {
    const line = 'yes | millrace produce counted -p 9; echo "${PIPESTATUS[*]}"';
    const { out, err } = await startShell(line, { environment }).ended;
    expect(err).toMatch(/nothing is stored\n$/);
    expect(out).toBe('141 3\n');
  });
});

describe('Ctrl-C', () => {
  it('ends --follow at once with 130', async () => {
    const running = startMillrace(['consume', 'full', '--follow', '--tail', '1'], { environment });
    await running.out.lineCount(1);
    running.child.kill('SIGINT');
    expect(await running.ended).toEqual({
      code: 130,
      signal: null,
      out: 'value 19999\n',
      err: '',
    });
  });

  it('ends a produce that waits for input; what it counts is stored', async () => {
    const running = startMillrace(['produce', 'typed'], { environment });
    running.child.stdin?.write('a\nb\nc');
    await expect.poll(() => endOffset('typed')).toBe(2);
    running.child.kill('SIGINT');
    expect(await running.ended).toMatchObject({
      code: 130,
      err: '2 records produced to typed\n',
    });
    expect(await endOffset('typed')).toBe(2);
  });

  it('waits for the answer to what is being sent; the second one does not', async () => {
    const { promise: arrived, resolve } = Promise.withResolvers<void>();
    const server = await fakeServer(() => resolve());
    const running = startMillrace(['produce', 't', '--server', server.url]);
    running.child.stdin?.write('a\n');
    await arrived;
    running.child.kill('SIGINT');
    // Deaf to the first one only: it is answered when its handler has run.
    await expect
      .poll(() => {
        running.child.kill('SIGINT');
        return running.child.signalCode;
      })
      .toBe('SIGINT');
    expect(await running.ended).toMatchObject({ signal: 'SIGINT', out: '', err: '' });
  });

  it('during a stream that gives nothing ends it too', async () => {
    const server = await fakeServer(lines([], 'open'));
    const running = startMillrace(['consume', 't', '-p', '0', '--server', server.url]);
    await expect.poll(() => server.requests.length).toBe(1);
    running.child.kill('SIGTERM');
    expect(await running.ended).toMatchObject({ code: 143, signal: null, out: '', err: '' });
  });
});

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, it } from 'vitest';
import { startMillrace } from './support/cli-process.ts';
import type { CliProcess, Ended } from './support/cli-process.ts';
import { fakeServer } from './support/fake-server.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

let directory: string;

beforeEach(async () => {
  directory = await temporaryDirectory();
});

interface StartOptions {
  readonly flags?: readonly string[];
  readonly dataDirectory?: string;
  readonly environment?: NodeJS.ProcessEnv;
  readonly nodeArgs?: readonly string[];
}

function start({
  flags = [],
  dataDirectory = directory,
  ...options
}: StartOptions = {}): CliProcess {
  const args = ['serve', '--http-port', '0', '--kafka-port', '0', '--data-dir', dataDirectory];
  return startMillrace([...args, ...flags], options);
}

/** One that serves. */
async function serving(options: StartOptions = {}): Promise<CliProcess & { readonly url: string }> {
  const running = start(options);
  await running.out.lineCount(1);
  const { url } = JSON.parse(running.out.lines[0] ?? '') as { url: string };
  return { ...running, url };
}

/** A start that fails: one clear line, nothing else. */
async function refusal(running: CliProcess): Promise<Pick<Ended, 'code' | 'err'>> {
  const { code, out, err } = await running.ended;
  expect(out).toBe('');
  expect(err).toMatch(/^millrace: [^\n]+\n$/);
  return { code, err };
}

describe('a setting that cannot be used is 2:', () => {
  it.each([
    [['--log-level', 'loud'], '--log-level is "loud"'],
    [['--nonsense'], "Unknown option '--nonsense'"],
    [['extra'], 'extra'],
    [['--host', '203.0.113.1'], '--host is "203.0.113.1"; it must be an address of this machine'],
    [['--host', 'no such host'], '--host is "no such host"'],
  ])('%j', async (flags, said) => {
    const { code, err } = await refusal(start({ flags }));
    expect(code).toBe(2);
    expect(err).toContain(said);
  });

  it('also in a variable', async () => {
    const environment = { MILLRACE_CONNECTIONS_MAX: 'many' };
    const { code, err } = await refusal(start({ environment }));
    expect(code).toBe(2);
    expect(err).toContain('MILLRACE_CONNECTIONS_MAX is "many"');
  });
});

describe('a data directory in use is 3', () => {
  it('and named with its owner', async () => {
    const first = await serving();
    const { code, err } = await refusal(start());
    expect(code).toBe(3);
    expect(err).toContain(directory);
    expect(err).toContain(`process ${first.child.pid}`);
    expect((await fetch(`${first.url}/health/ready`)).status).toBe(200);
  });

  it('also while its owner is stopped', async () => {
    const first = await serving();
    first.child.kill('SIGSTOP');
    expect((await refusal(start())).code).toBe(3);
    first.child.kill('SIGCONT');
    first.child.kill('SIGTERM');
    expect((await first.ended).code).toBe(0);
  });

  it('but free at once when its owner was killed', async () => {
    const first = await serving();
    first.child.kill('SIGKILL');
    await first.ended;
    const next = await serving();
    next.child.kill('SIGTERM');
    expect((await next.ended).code).toBe(0);
  });
});

it('a port in use is 4, and the data directory is free again', async () => {
  const { url } = await fakeServer(() => {});
  const { port } = new URL(url);
  const args = ['serve', '--http-port', port, '--kafka-port', '0', '--data-dir', directory];
  const { code, err } = await refusal(startMillrace(args));
  expect(code).toBe(4);
  expect(err).toContain(`port ${port} on 127.0.0.1 is in use`);
  expect(err).toContain('--http-port');
  const next = await serving();
  next.child.kill('SIGTERM');
  expect((await next.ended).code).toBe(0);
});

it('the Kafka port in use is 4 too, and named with its setting', async () => {
  const { url } = await fakeServer(() => {});
  const { port } = new URL(url);
  const args = ['serve', '--http-port', '0', '--kafka-port', port, '--data-dir', directory];
  const { code, err } = await refusal(startMillrace(args));
  expect(code).toBe(4);
  expect(err).toContain(`port ${port} on 127.0.0.1 is in use; choose another with --kafka-port`);
  const next = await serving();
  next.child.kill('SIGTERM');
  expect((await next.ended).code).toBe(0);
});

describe('a data directory that cannot be used is 5:', () => {
  it('a file', async () => {
    const dataDirectory = join(directory, 'file');
    await writeFile(dataDirectory, '');
    const { code, err } = await refusal(start({ dataDirectory }));
    expect(code).toBe(5);
    expect(err).toContain(dataDirectory);
    expect(err).toContain('--data-dir');
    expect((await refusal(start({ dataDirectory: join(dataDirectory, 'below') }))).code).toBe(5);
  });

  it('one where nothing can be written', async () => {
    expect((await refusal(start({ dataDirectory: '/proc/millrace' }))).code).toBe(5);
  });

  it('one of a newer format, which is left as it is', async () => {
    const first = await serving();
    first.child.kill('SIGTERM');
    await first.ended;
    const catalogue = new DatabaseSync(join(directory, 'catalogue.db'));
    catalogue.exec('PRAGMA user_version = 99');
    catalogue.close();
    for (let round = 0; round < 2; round += 1) {
      const { code, err } = await refusal(start());
      expect(code).toBe(5);
      expect(err).toContain('99');
    }
  });

  it('one whose catalogue is something else', async () => {
    await mkdir(join(directory, 'catalogue.db'));
    expect((await refusal(start())).code).toBe(5);
  });
});

describe('a signal', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('%s stops it in order: 0', async (signal) => {
    const running = await serving();
    running.child.kill(signal);
    const { code, out, err } = await running.ended;
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain(`"signal":"${signal}"`);
    expect(out.trimEnd()).toMatch(/"msg":"stopped"\}$/);
  });

  it('that comes twice stops it in order as well', async () => {
    const running = await serving();
    running.child.kill('SIGTERM');
    running.child.kill('SIGTERM');
    running.child.kill('SIGINT');
    const { code, signal, err } = await running.ended;
    expect({ code, signal, err }).toEqual({ code: 0, signal: null, err: '' });
  });

  it('during the start is not lost', async () => {
    const early = `data:text/javascript,${encodeURIComponent(`
      const on = process.on;
      process.on = function (event, listener) {
        on.call(process, event, listener);
        if (event === 'SIGTERM') process.kill(process.pid, 'SIGTERM');
        return process;
      };
    `)}`;
    const { code, out, err } = await start({ nodeArgs: ['--import', early] }).ended;
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('"msg":"stopped"');
  });
});

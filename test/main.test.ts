import { describe, expect, it } from 'vitest';
import { VERSION } from '../src/model/version.ts';
import { startMillrace } from './support/cli-process.ts';
import type { Ended } from './support/cli-process.ts';
import { deadAddress } from './support/fake-server.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

function millrace(...args: string[]): Promise<Ended> {
  return startMillrace(args).ended;
}

/** Prints on stderr, at the end, the files and packages of the project that were loaded. */
const LIST_LOADED = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  const loaded = [];
  registerHooks({
    load(url, context, next) {
      loaded.push(url);
      return next(url, context);
    },
  });
  process.on('exit', () => process.stderr.write(loaded.join('\\n')));
`)}`;

async function loadedBy(args: string[], isUp: (out: string) => boolean = () => false) {
  const running = startMillrace(args, { nodeArgs: ['--import', LIST_LOADED] });
  let isStopping = false;
  running.out.on('captured', () => {
    // Once: one that comes while the process is ending finds nobody who listens.
    if (!isStopping && isUp(running.out.text)) isStopping = running.child.kill('SIGTERM');
  });
  const { code, err } = await running.ended;
  expect(code).toBe(0);
  return err.split('\n');
}

describe('millrace', () => {
  it.each([[[]], [['--server', 'http://a.test']]])(
    'alone (%j) tells what there is',
    async (args) => {
      const { code, out, err } = await millrace(...args);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toMatch(/^Usage: millrace \[options\] \[command\]/);
    },
  );

  it('--version prints the version', async () => {
    expect(await millrace('--version')).toMatchObject({ code: 0, out: `${VERSION}\n`, err: '' });
  });

  it.each([
    [['--help'], 'Usage: millrace [options] [command]'],
    [['-h'], 'Usage: millrace [options] [command]'],
    [['help', 'topics', 'create'], 'Usage: millrace topics create'],
    [['serve', '--help'], 'Usage: millrace serve'],
    [['serve', '-h'], 'Usage: millrace serve'],
    [['help', 'serve'], 'Usage: millrace serve'],
  ])('%j prints that help', async (args, beginning) => {
    const { code, out, err } = await millrace(...args);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.startsWith(beginning)).toBe(true);
  });

  it('with an option of the tool first is the tool', async () => {
    const url = await deadAddress();
    for (const args of [[`-s${url}`], ['-s', url], [`--server=${url}`], ['--server', url]]) {
      expect((await millrace(...args, 'topics', 'list')).code).toBe(4);
    }
  });

  it('with an option of the server first is the server', async () => {
    expect(await millrace('--no-such-option')).toMatchObject({
      code: 2,
      err: "millrace: Unknown option '--no-such-option'; see millrace serve --help\n",
    });
    const args = [
      '--http-port',
      '0',
      '--kafka-port',
      '0',
      '--data-dir',
      await temporaryDirectory(),
    ];
    const running = startMillrace(args);
    await running.out.lineCount(1);
    running.child.kill('SIGTERM');
    const { code, out } = await running.ended;
    expect(code).toBe(0);
    expect(out).toContain('"url":"http://127.0.0.1:');
  });
});

describe('what is loaded', () => {
  it('for the server is nothing of the tool', async () => {
    const args = [
      'serve',
      '--http-port',
      '0',
      '--kafka-port',
      '0',
      '--data-dir',
      await temporaryDirectory(),
    ];
    const loaded = await loadedBy(args, (out) => out.includes('"url"'));
    expect(loaded).toContainEqual(expect.stringContaining('/src/server.ts'));
    expect(loaded.filter((url) => /commander|\/src\/(cli|client)\//.test(url))).toEqual([]);
  });

  it('for the help of the server is not even the server', async () => {
    const loaded = await loadedBy(['serve', '--help']);
    expect(loaded.filter((url) => url.includes('node_modules'))).toEqual([]);
    expect(loaded.filter((url) => url.includes('/src/')).length).toBeLessThan(8);
  });

  it('for the tool is nothing of the server, and no codec', async () => {
    const loaded = await loadedBy(['--version']);
    expect(loaded).toContainEqual(expect.stringContaining('commander'));
    expect(loaded.filter((url) => /\/src\/(http|broker|storage|codec)\//.test(url))).toEqual([]);
  });
});

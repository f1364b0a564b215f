import type { ServerResponse } from 'node:http';
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { VERSION } from '../../src/model/version.ts';
import type { CliWorldOptions, Ran } from '../support/cli-world.ts';
import { cliWorld, runIn } from '../support/cli-world.ts';
import { deadAddress, fakeServer, json, refusal } from '../support/fake-server.ts';

function millrace(args: string, options: CliWorldOptions = {}): Promise<Ran> {
  return runIn(cliWorld(options), args === '' ? [] : args.split(' '));
}

const COMMANDS = [
  '',
  'topics',
  'topics list',
  'topics create',
  'topics describe',
  'topics delete',
  'topics purge',
  'produce',
  'consume',
  'groups',
  'groups list',
  'groups describe',
  'groups lag',
  'groups reset',
  'groups delete',
  'dump',
];

describe('help', () => {
  it.each(COMMANDS)('of "%s" is asked for in three ways', async (command) => {
    const long = await millrace(`${command} --help`.trim());
    expect(long).toMatchObject({ code: 0, err: '' });
    expect(long.out).toMatch(new RegExp(`^Usage: millrace ${command}`));
    expect(await millrace(`${command} -h`.trim())).toEqual(long);
    expect(await millrace(`help ${command}`.trim())).toEqual(long);
  });

  it.each(COMMANDS)('of "%s" fits a terminal and lists the exit codes', async (command) => {
    const { out } = await millrace(`${command} --help`.trim());
    expect(out.split('\n').filter((line) => line.length > 81)).toEqual([]);
    expect(out).toContain('Exit codes: 0 done, 1 refused');
    expect(out).toContain('--server <url>');
  });

  it('has a line for every command', async () => {
    const { out } = await millrace('--help');
    for (const command of ['serve', 'topics', 'produce', 'consume', 'groups', 'dump', 'help']) {
      expect(out).toMatch(new RegExp(`^ {2}${command} `, 'm'));
    }
  });

  it('to a reader that is gone is no failure', async () => {
    const stdout = new Writable({
      write: (_chunk, _encoding, done) => {
        done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
      },
    });
    stdout.on('error', () => {});
    expect(await millrace('--help', { stdout })).toEqual({ code: 0, out: '', err: '' });
  });
});

describe('wrong usage', () => {
  it.each(['', 'topics', 'groups'])(
    '"%s" without a command is one: it gets the help on stderr',
    async (args) => {
      const ran = await millrace(args);
      expect(ran).toMatchObject({ code: 2, out: '' });
      expect(ran.err).toMatch(/^Usage: millrace/);
    },
  );

  it.each([
    ['tpics', "unknown command 'tpics'\n(Did you mean topics?)"],
    ['topics lst', "unknown command 'lst'\n(Did you mean list?)"],
    ['help tpics', '(Did you mean topics?)'],
    ['tpics --help', '(Did you mean topics?)'],
    ['topics list --jsn', "unknown option '--jsn'\n(Did you mean --json?)"],
    ['produce', "missing required argument 'topic'"],
    ['topics list extra', 'too many arguments'],
    ['consume t --tail', 'argument missing'],
    ['--server http://a serve', 'serve comes first'],
  ])('%s', async (args, said) => {
    const ran = await millrace(args);
    expect(ran).toMatchObject({ code: 2, out: '' });
    expect(ran.err).toMatch(/^millrace: /);
    expect(ran.err).toContain(said);
  });
});

it.each(['-V', '--version'])('%s prints the version', async (option) => {
  expect(await millrace(option)).toEqual({ code: 0, out: `${VERSION}\n`, err: '' });
});

describe('the server', () => {
  it('is that of --server, before or behind the command, then that of MILLRACE_SERVER', async () => {
    const [right, wrong] = [await fakeServer(json(200, ['t'])), await fakeServer(json(200, []))];
    const environment = { MILLRACE_SERVER: wrong.url };
    const found = { code: 0, out: 't\n' };
    expect(await millrace(`--server ${right.url} topics list`, { environment })).toMatchObject(
      found,
    );
    expect(await millrace(`topics list --server ${right.url}`, { environment })).toMatchObject(
      found,
    );
    expect(await millrace(`topics -s ${right.url} list`, { environment })).toMatchObject(found);
    expect(wrong.requests).toEqual([]);
    expect(
      await millrace('topics list', { environment: { MILLRACE_SERVER: right.url } }),
    ).toMatchObject(found);
  });

  it('needs no scheme', async () => {
    const { url } = await fakeServer(json(200, ['t']));
    expect((await millrace(`topics list -s ${url.replace('http://', '')}`)).out).toBe('t\n');
  });

  it.each([
    ['--server', 'ftp://a', {}],
    ['--server', 'http://', {}],
    ['MILLRACE_SERVER', 'a b', { MILLRACE_SERVER: 'a b' }],
  ])('%s that is %j is refused by name', async (name, value, environment) => {
    const args = name === '--server' ? `topics list --server ${value}` : 'topics list';
    const ran = await millrace(args, { environment });
    expect(ran).toMatchObject({ code: 2, out: '' });
    expect(ran.err).toBe(
      `millrace: ${name} is "${value}"; it must be an address such as http://127.0.0.1:8082\n`,
    );
  });

  it('with a password in it is refused without printing that', async () => {
    const { code, err } = await millrace('topics list -s http://me:secret@host');
    expect(code).toBe(2);
    expect(err).toContain('http://***@host');
    expect(err).not.toContain('secret');
  });

  it('that is not there is 4, and the line says how to start one', async () => {
    const ran = await millrace(`topics list -s ${await deadAddress()}`);
    expect(ran).toMatchObject({ code: 4, out: '' });
    expect(ran.err).toMatch(/^millrace: no answer from .*millrace serve starts it\)\n$/);
  });

  it.each([
    ['topics list', (response: ServerResponse) => void response.writeHead(404).end('<html>')],
    ['topics list', (response: ServerResponse) => void response.end('<html>')],
    ['topics list', (response: ServerResponse) => void response.end('{"not": "a list"}')],
    ['topics describe t', (response: ServerResponse) => void response.end('{"not": "a topic"}')],
    ['topics create t', (response: ServerResponse) => void response.end('null')],
    ['consume t', (response: ServerResponse) => void response.end('[]')],
    ['consume t -g g', (response: ServerResponse) => void response.end('{"not": "a place"}')],
    ['groups list', (response: ServerResponse) => void response.end('[]')],
  ])('that is another program is asked about (%#)', async (args, answer) => {
    const { url } = await fakeServer(answer);
    const ran = await millrace(`${args} -s ${url}`);
    expect(ran).toMatchObject({ code: 1, out: '' });
    expect(ran.err).toContain('is it the address of a Millrace server?');
  });
});

it('no word of a server moves the cursor', async () => {
  const { url } = await fakeServer(refusal(500, 'X', { message: 'a\u001b[2Jb' }));
  expect((await millrace(`topics list -s ${url}`)).err).toBe('millrace: a\\x1b[2Jb (X)\n');
});

it('an interruption ends a call that waits, without a word', async () => {
  const world = cliWorld();
  const { url } = await fakeServer(() => world.interrupt('SIGTERM'));
  expect(await runIn(world, `topics list -s ${url}`)).toEqual({ code: 143, out: '', err: '' });
});

it('a mistake of the program is thrown, for its stack to be seen', async () => {
  const { url } = await fakeServer(json(200, ['t']));
  const stdout = new Writable({
    write() {
      throw new TypeError('a mistake');
    },
  });
  await expect(millrace(`topics list -s ${url}`, { stdout })).rejects.toThrow('a mistake');
});

import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSettings, serveHelp, SettingError } from '../src/config.ts';

function refusal(args: string[], environment: NodeJS.ProcessEnv = {}): string {
  try {
    readSettings(args, environment);
  } catch (error) {
    if (error instanceof SettingError) return error.message;
    throw error;
  }
  throw new Error('the settings were accepted');
}

describe('settings', () => {
  it('have defaults that suit a laptop', () => {
    expect(readSettings([], {})).toEqual({
      dataDirectory: resolve('data'),
      host: '127.0.0.1',
      httpPort: 8082,
      kafkaPort: 9092,
      kafkaAdvertised: undefined,
      offsetsRetentionMs: 604_800_000,
      autoCreateTopics: true,
      defaultPartitions: 1,
      corsOrigins: [],
      allowedHosts: [],
      bodyBytesMax: 16_777_216,
      connectionsMax: 10_000,
      logLevel: 'info',
    });
  });

  it('come from a flag before its variable, and from the variable before the default', () => {
    const environment = { MILLRACE_HTTP_PORT: '9000', MILLRACE_HOST: '0.0.0.0' };
    expect(readSettings(['--http-port', '9001'], environment)).toMatchObject({
      httpPort: 9001,
      host: '0.0.0.0',
    });
  });

  it('take a flag with an equals sign', () => {
    expect(readSettings(['--http-port=0'], {})).toMatchObject({ httpPort: 0 });
  });

  it('split lists at commas and drop blanks', () => {
    const given = ['--cors-origins', 'http://a.test, http://b.test:81,'];
    expect(readSettings(given, {})).toMatchObject({
      corsOrigins: ['http://a.test', 'http://b.test:81'],
    });
  });

  it.each([
    [['--http-port', '70000'], '--http-port is "70000"; it must be an integer from 0 to 65535'],
    [['--http-port', '1e3'], '--http-port is "1e3"; it must be an integer from 0 to 65535'],
    [['--auto-create-topics', 'yes'], '--auto-create-topics is "yes"; it must be on or off'],
    [['--data-dir', ''], '--data-dir is ""; it must be the path of a directory'],
    [['--offsets-retention-minutes', '0'], '--offsets-retention-minutes is "0"; it must be an'],
    [['--default-partitions', '0'], '--default-partitions is "0"; it must be an integer from 1'],
    [['--cors-origins', 'localhost'], '--cors-origins is "localhost"; it must be origins such as'],
    [['--kafka-port', 'on'], '--kafka-port is "on"; it must be an integer from 0 to 65535, or off'],
    [['--kafka-advertised', 'here'], '--kafka-advertised is "here"; it must be such as kafka.test'],
    [['--kafka-advertised', 'here:0'], '--kafka-advertised is "here:0"; it must be such as'],
    [['--kafka-advertised', '::1:9092'], '--kafka-advertised is "::1:9092"; it must be such as'],
    [['--kafka-port', '8082'], '--http-port and --kafka-port are both 8082; they must differ'],
    [['--log-level', 'loud'], '--log-level is "loud"; it must be debug, info, warn, error, silent'],
    [['--host', 'a', '--host', 'b'], '--host is given twice'],
  ])('%j is refused by name, with what is allowed', (args, message) => {
    expect(refusal(args)).toContain(message);
  });

  it.each([
    ['kafka.test:19092', { host: 'kafka.test', port: 19_092 }],
    ['[::1]:9092', { host: '::1', port: 9092 }],
  ])('read the advertised address %s', (given, expected) => {
    expect(readSettings(['--kafka-advertised', given], {})).toMatchObject({
      kafkaAdvertised: expected,
    });
  });

  it('take both ports for any free one, and the Kafka port for none', () => {
    const free = readSettings(['--http-port', '0', '--kafka-port', '0'], {});
    expect(free).toMatchObject({ httpPort: 0, kafkaPort: 0 });
    expect(readSettings(['--kafka-port', 'off'], {})).toMatchObject({ kafkaPort: undefined });
  });

  it('name the variable when the bad value came from it', () => {
    expect(refusal([], { MILLRACE_HTTP_PORT: 'x' })).toContain('MILLRACE_HTTP_PORT is "x"');
  });

  it('take an empty variable for one that is not set', () => {
    expect(readSettings([], { MILLRACE_HTTP_PORT: '', MILLRACE_DATA_DIR: '' })).toEqual(
      readSettings([], {}),
    );
  });

  it('may not be changed', () => {
    const settings = readSettings(['--cors-origins', '*'], {});
    expect(Object.isFrozen(settings)).toBe(true);
    expect(settings === 'help' || Object.isFrozen(settings.corsOrigins)).toBe(true);
  });

  it.each([
    [['--htp-port', '1']],
    [['data']],
    [['--http-port']],
    [['-x']],
    [['--no-host']],
    [['--help=1']],
  ])('%j is refused and points to the help', (args) => {
    expect(refusal(args)).toContain('see millrace serve --help');
  });

  it('are all described by the help, which needs no other setting to be right', () => {
    expect(readSettings(['--help', '--log-level', 'loud'], {})).toBe('help');
    expect(readSettings(['-h'], { MILLRACE_HTTP_PORT: 'x' })).toBe('help');
    const described = serveHelp().match(/(?<=^ {2})--[a-z-]+/gm) ?? [];
    const settings = Object.keys(readSettings([], {}));
    expect(described).toHaveLength(settings.length + 1);
    for (const flag of ['--data-dir', '--http-port', '--allowed-hosts', '--log-level', '--help']) {
      expect(described).toContain(flag);
    }
  });

  it('have a help that fits a terminal', () => {
    const widths = serveHelp()
      .split('\n')
      .map((line) => line.length);
    expect(Math.max(...widths)).toBeLessThanOrEqual(80);
  });
});

import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import type { ConsumeOptions } from '../../src/cli/consume-options.ts';
import { addConsumeOptions, checkTogether } from '../../src/cli/consume-options.ts';
import { UsageError } from '../../src/cli/exit.ts';

function parse(args: string): { topics: string[]; options: ConsumeOptions } {
  const command = addConsumeOptions(new Command('consume').argument('[topic...]')).exitOverride();
  command.parse(args === '' ? [] : args.split(' '), { from: 'user' });
  return { topics: command.args, options: command.opts<ConsumeOptions>() };
}

function check(args: string): void {
  const { topics, options } = parse(args);
  checkTogether(topics, options);
}

it('every option has its place', () => {
  expect(parse('a b -g g -n 5 -f -O ndjson --no-commit --session-timeout 2000 -q')).toEqual({
    topics: ['a', 'b'],
    options: {
      group: 'g',
      maxRecords: 5,
      follow: true,
      output: 'ndjson',
      commit: false,
      sessionTimeout: 2_000,
      quiet: true,
    },
  });
  expect(parse('a').options).toEqual({ output: 'text', commit: true });
});

describe('together go', () => {
  it.each([
    't',
    't -p 0 --from 5 -n 1',
    't --follow -O ndjson',
    't -K : -Z',
    't -g g',
    'a b c --group g --follow',
    '--pattern a.* --group g',
    't -g g --from earliest',
    't -g g --from latest -O json',
    't -g g --no-commit --session-timeout 5000 --quiet -n 3 -K :',
  ])('%s', (args) => {
    expect(() => check(args)).not.toThrow();
  });
});

describe('together do not go', () => {
  it.each([
    ['', "missing required argument 'topic'"],
    ['a b', 'too many arguments: several topics are read with --group'],
    ['t --pattern a', '--pattern is for --group'],
    ['t --no-commit', '--no-commit is for --group'],
    ['t --session-timeout 5', '--session-timeout is for --group'],
    ['t -q', '--quiet is for --group'],
    ['t --tail 1 --from 2', '--tail and --from'],
    ['t --follow -O json', 'ndjson'],
    ['t -O json -Z', '--show-null'],
    ['t -O ndjson -K :', '--key-delimiter'],
    ['-g g', "missing argument 'topic'"],
    ['t -g g --pattern a', '--pattern and topics'],
    ['t -g g -p 0', '--partition is not for --group'],
    ['t -g g --tail 5', 'millrace groups reset'],
    ['t -g g --from 5', 'millrace groups reset'],
    ['t -g g --from 2026-11-21', 'millrace groups reset'],
    ['t -g g --follow -O json', 'ndjson'],
    ['t -g g -O json -K :', '--key-delimiter'],
  ])('"%s": %s', (args, said) => {
    expect(() => check(args)).toThrow(UsageError);
    expect(() => check(args)).toThrow(said);
  });
});

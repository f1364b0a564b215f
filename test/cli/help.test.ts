import { Command } from 'commander';
import { expect, it } from 'vitest';
import { withoutHelpCommand } from '../../src/cli/help.ts';

function program(): Command {
  const made = new Command('millrace');
  const topics = made.command('topics');
  topics.command('create <topic>');
  made.command('produce <topic>');
  return made;
}

it.each([
  ['help', '--help'],
  ['help topics', 'topics --help'],
  ['help topics create', 'topics create --help'],
  // The parser complains about these itself, and knows which name was meant.
  ['help topcs', 'topcs'],
  ['help topics creat', 'topics creat'],
  // Never the command itself with these arguments.
  ['help produce orders', 'produce --help'],
  ['help topics create orders', 'topics create --help'],
  ['topics create help', 'topics create help'],
  ['produce help', 'produce help'],
])('%s: %s', (typed, parsed) => {
  expect(withoutHelpCommand(program(), typed.split(' '))).toEqual(parsed.split(' '));
});

it('leaves no arguments alone', () => {
  expect(withoutHelpCommand(program(), [])).toEqual([]);
});

import { Command } from 'commander';
import { expect, it } from 'vitest';
import { withHelpFound } from '../../src/cli/help.ts';

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
  ['topcs --help', 'topcs'],
  ['topics creat x --help', 'topics creat'],
  ['topics create help', 'topics create help'],
  ['topics help create', 'topics help create'],
  ['topics create x -n 3', 'topics create x -n 3'],
  ['-s url topcs --help', '-s url topcs --help'],
  ['produce help', 'produce help'],
])('%s: %s', (typed, parsed) => {
  expect(withHelpFound(program(), typed.split(' '))).toEqual(parsed.split(' '));
});

it('leaves no arguments alone', () => {
  expect(withHelpFound(program(), [])).toEqual([]);
});

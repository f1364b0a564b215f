/**
 * What the parser does not do by itself: `millrace help topics create` means
 * `millrace topics create --help` (its own help command sees only the first name), and a command that
 * does not exist is a mistake also when help is asked about it.
 */
import type { Command } from 'commander';

/** The arguments to parse instead. */
export function withHelpFound(program: Command, args: readonly string[]): string[] {
  const asksForHelp = args[0] === 'help';
  const { known, isFound } = follow(program, asksForHelp ? args.slice(1) : args);
  // Alone, an unknown name gets the parser to say so, and which name is like it.
  if (!isFound) return known;
  return asksForHelp ? [...known, '--help'] : [...args];
}

/** The names of commands that `args` begin with; the last may be one that does not exist. */
function follow(program: Command, args: readonly string[]): { known: string[]; isFound: boolean } {
  const known: string[] = [];
  let command = program;
  for (const name of args) {
    // What follows is options, or the arguments of a command without commands.
    if (name.startsWith('-') || command.commands.length === 0) break;
    known.push(name);
    const found = command.commands.find((each) => each.name() === name);
    if (found === undefined) return { known, isFound: name === 'help' };
    command = found;
  }
  return { known, isFound: true };
}

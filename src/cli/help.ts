/**
 * `millrace help topics create` means `millrace topics create --help`. The parser's own help command
 * sees only the first name.
 */
import type { Command } from 'commander';

/** The arguments to parse instead; others stay as they are. */
export function withoutHelpCommand(program: Command, args: readonly string[]): string[] {
  const [first, ...names] = args;
  if (first !== 'help') return [...args];
  const known: string[] = [];
  let command = program;
  for (const name of names) {
    // What follows the name of a command without commands would be its arguments.
    if (command.commands.length === 0) break;
    known.push(name);
    const found = command.commands.find((each) => each.name() === name);
    // Without --help the parser says that it does not know the name, and which one is like it.
    if (found === undefined) return known;
    command = found;
  }
  return [...known, '--help'];
}

/**
 * `millrace`: the command line tool. It only talks to a server; `dump` alone reads a file. One
 * file a command; this one names them, and turns every ending into a line and an exit code.
 */
import { Command, CommanderError } from 'commander';
import { addConsume } from './consume.ts';
import { addDump } from './dump.ts';
import { endingOf, EXIT } from './exit.ts';
import type { CliIo } from './io.ts';
import { addProduce } from './produce.ts';
import { addTopics } from './topics.ts';
import { VERSION } from '../model/version.ts';

/** Resolves with the exit code. */
export async function runCli(args: readonly string[], io: CliIo = processIo()): Promise<number> {
  // A pipe that breaks between two writes must not end the process with a stack trace.
  let outputError: unknown;
  io.stdout.on('error', (error) => {
    outputError ??= error;
  });
  const program = buildProgram(io);
  try {
    await program.parseAsync(args.length === 0 ? ['--help'] : [...args], { from: 'user' });
    if (outputError !== undefined) throw outputError;
    return io.interrupted.aborted ? EXIT.interrupted : EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const ending = endingOf(error);
    if (ending === undefined) throw error;
    if (ending.message !== undefined) io.stderr.write(`millrace: ${ending.message}\n`);
    return ending.exitCode;
  }
}

function buildProgram(io: CliIo): Command {
  const program = new Command('millrace')
    .description('A durable log and queue server, and the tool to use it.')
    .version(VERSION, '-V, --version')
    .option(
      '-s, --server <url>',
      'server to talk to, or MILLRACE_SERVER',
      io.environment['MILLRACE_SERVER'] ?? 'http://127.0.0.1:8082',
    )
    .showHelpAfterError('(add --help for what is possible)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
    })
    .addHelpText('after', FOOTER);
  program
    .command('serve')
    .description('start the server (millrace serve --help)')
    .helpOption(false);
  addTopics(program, io);
  addProduce(program, io);
  addConsume(program, io);
  addDump(program, io);
  return program;
}

const FOOTER = `
Examples:
  millrace serve --data-dir ./data
  millrace topics create orders --partitions 3
  seq 1000 | millrace produce orders
  millrace consume orders --tail 10 --follow

Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 no such topic or partition,
4 server not reachable, 130 interrupted.
`;

function processIo(): CliIo {
  const controller = new AbortController();
  // The second Ctrl-C ends at once, as everywhere.
  process.once('SIGINT', () => controller.abort());
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    environment: process.env,
    interrupted: controller.signal,
    now: () => performance.now(),
  };
}

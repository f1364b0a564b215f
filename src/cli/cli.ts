/**
 * `millrace`: the command line tool. It only talks to a server; `dump` and `doctor` alone read files. One
 * file a command; this one names them, and turns every ending into a line and an exit code.
 */
import { Command, CommanderError } from 'commander';
import { Client } from '../client/client.ts';
import { VERSION } from '../model/version.ts';
import { addBench } from './bench.ts';
import { addConsume } from './consume.ts';
import { addDoctor } from './doctor-command.ts';
import { addDump } from './dump-command.ts';
import { endingOf, EXIT, EXIT_CODES, UsageError } from './exit.ts';
import type { Interruption } from './exit.ts';
import { addGroups } from './groups.ts';
import { withHelpFound } from './help.ts';
import type { CliIo } from './io.ts';
import { write } from './io.ts';
import { addProduce } from './produce.ts';
import { terminalText } from './terminal-text.ts';
import { addTopics } from './topics.ts';

const DEFAULT_SERVER = 'http://127.0.0.1:8082';

/** Resolves with the exit code. */
export async function runCli(args: readonly string[], io: CliIo): Promise<number> {
  const exitCode = await run(args, io);
  // Whatever became of the work under way: it was asked to end early.
  return io.interrupted.aborted ? (io.interrupted.reason as Interruption).exitCode : exitCode;
}

async function run(args: readonly string[], io: CliIo): Promise<number> {
  const said = { out: '', error: '' };
  const program = buildProgram(io, said);
  try {
    const exitCode = await parse(program, args);
    await write(io.stdout, said.out);
    if (said.error !== '') io.stderr.write(said.error);
    return exitCode;
  } catch (error) {
    const ending = endingOf(error);
    if (ending === undefined) throw error;
    if (ending.message !== undefined)
      io.stderr.write(`millrace: ${terminalText(ending.message)}\n`);
    return ending.exitCode;
  }
}

async function parse(program: Command, args: readonly string[]): Promise<number> {
  try {
    await program.parseAsync(withHelpFound(program, args), { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    throw error;
  }
}

/** What the parser has to say is gathered: a write may fail, and the parser would not notice. */
function buildProgram(io: CliIo, said: { out: string; error: string }): Command {
  const program = new Command('millrace')
    .description('A durable log and queue server, and the tool to use it.')
    .version(VERSION, '-V, --version', 'print the version')
    .option(
      '-s, --server <url>',
      `server to talk to (default: MILLRACE_SERVER, else ${DEFAULT_SERVER})`,
    )
    .helpOption('-h, --help', 'print this text')
    .helpCommand('help [command...]', 'print the help of a command')
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(add --help for what is possible)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => (said.out += text),
      writeErr: (text) => (said.error += text),
      outputError: (text, writeText) => writeText(text.replace(/^error: /, 'millrace: ')),
    })
    .addHelpText('after', EXAMPLES)
    .addHelpText('afterAll', `\n${EXIT_CODES}\n`);
  const client = (): Client => clientOf(program, io);
  addServe(program);
  addTopics(program, io, client);
  addProduce(program, io, client);
  addConsume(program, io, client);
  addGroups(program, io, client);
  addBench(program, io, client);
  addDump(program, io);
  addDoctor(program, io);
  return program;
}

const EXAMPLES = `
Examples:
  millrace serve --data-dir ./data
  millrace topics create orders --partitions 3
  seq 1000 | millrace produce orders
  millrace consume orders --tail 10 --follow
  millrace consume orders --group billing --follow`;

/** In the list for those who look for it: `main.ts` starts the server without coming here. */
function addServe(program: Command): void {
  program
    .command('serve')
    .description('start the server (see millrace serve --help)')
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(() => {
      throw new UsageError('serve comes first: millrace serve [options]; --server is not for it');
    });
}

function clientOf(program: Command, io: CliIo): Client {
  const { server } = program.opts<{ server?: string }>();
  // An empty variable is one that is not set, as compose files write it.
  const variable = io.environment['MILLRACE_SERVER'] || undefined;
  const given = server ?? variable ?? DEFAULT_SERVER;
  try {
    return new Client(given, io.interrupted);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const name = server === undefined ? 'MILLRACE_SERVER' : '--server';
    const shown = JSON.stringify(given.replace(/\/\/[^/]*@/, '//***@'));
    throw new UsageError(`${name} is ${shown}; it must be an address such as ${DEFAULT_SERVER}`);
  }
}

/**
 * The command `millrace`: `serve` goes to the server, everything else to the command line tool.
 * Only what the chosen one needs is loaded, because both should start in a blink.
 */
import { enableCompileCache, getCompileCacheDir } from 'node:module';
import { fileURLToPath } from 'node:url';

// Durable writes of many partitions wait in libuv's thread pool, mostly for the disk: its default
// of 4 threads would let 4 partitions sync at a time. Read when the pool starts, at the first I/O.
// FLUSHES_AT_ONCE_MAX of them may sync; the rest are for those who read.
process.env['UV_THREADPOOL_SIZE'] ??= '36';
// Compiled code is kept between starts, in a place of our own: the machine's common temporary
// directory would let others plant code there. The built form has its own place already.
if (getCompileCacheDir() === undefined) {
  enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/millrace', import.meta.url)));
}

// `millrace --data-dir DIR` means the server too; only these options belong to the tool.
const OPTION_OF_TOOL = /^(-h|--help|-V|--version|-s.*|--server(=.*)?)$/;

const args = process.argv.slice(2);
const [first = '', second] = args;

if (first === 'serve' || (first.startsWith('-') && !OPTION_OF_TOOL.test(first))) {
  const { serve } = await import('./serve.ts');
  // All that matters is closed by now. Without a word a log line that nobody takes from the pipe
  // would keep the process for ever.
  process.exit(await serve(first === 'serve' ? args.slice(1) : args));
} else if (first === 'help' && second === 'serve') {
  const { serve } = await import('./serve.ts');
  process.exitCode = await serve(['--help']);
} else {
  const { runCli } = await import('./cli/cli.ts');
  const { processIo } = await import('./cli/process-io.ts');
  const { hideSqliteWarning, systemClock, systemPause, systemRandomBytes } =
    await import('./system.ts');
  hideSqliteWarning();
  const machine = {
    now: () => systemClock.monotonicMs(),
    wallMs: () => systemClock.wallMs(),
    pause: systemPause,
    randomBytes: systemRandomBytes,
  };
  process.exitCode = await runCli(args, processIo(machine));
}

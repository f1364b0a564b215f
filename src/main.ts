/**
 * The command `millrace`: `serve` goes to the server, everything else to the command line tool.
 * Only what the chosen one needs is loaded, because both should start in a blink.
 */
import { enableCompileCache, getCompileCacheDir } from 'node:module';
import { fileURLToPath } from 'node:url';

// Durable writes of many partitions wait in libuv's thread pool, mostly for the disk: its default
// of 4 threads would let 4 partitions sync at a time. Read when the pool starts, at the first I/O.
process.env['UV_THREADPOOL_SIZE'] ??= '32';
// Compiled code is kept between starts, in a place of our own: the machine's common temporary
// directory would let others plant code there. The built form has its own place already.
if (getCompileCacheDir() === undefined) {
  enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/millrace', import.meta.url)));
}

const args = process.argv.slice(2);
const [command = 'help'] = args;
// `millrace --data-dir DIR` means the server too; only these two ask about the tool.
const isAboutTool = ['--help', '-h', '--version', '-V'].includes(command);

if (command === 'serve' || (command.startsWith('-') && !isAboutTool)) {
  const { serve } = await import('./serve.ts');
  process.exitCode = await serve(command === 'serve' ? args.slice(1) : args);
} else {
  const { runCli } = await import('./cli/cli.ts');
  process.exitCode = await runCli(args);
}

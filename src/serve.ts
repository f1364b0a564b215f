/**
 * `millrace serve`: from arguments to a running server, and from a signal to an exit code. Every
 * failure to start is one clear line on stderr.
 */
import { readSettings, serveHelp, SettingError } from './config.ts';
import type { Settings } from './config.ts';
import { MillraceError } from './model/errors.ts';
import { hideSqliteWarning } from './system.ts';

/** Scripts and supervisors branch on these; the help text lists them. */
const EXIT = {
  stopped: 0,
  unexpected: 1,
  badSetting: 2,
  dataDirectoryInUse: 3,
  portInUse: 4,
  dataDirectoryUnusable: 5,
} as const;

/** Resolves with the exit code when the server has stopped. */
export async function serve(args: readonly string[]): Promise<number> {
  let settings: Settings | 'help';
  try {
    settings = readSettings(args, process.env);
  } catch (error) {
    if (!(error instanceof SettingError)) throw error;
    return refuse(error.message, EXIT.badSetting);
  }
  if (settings === 'help') {
    print(process.stdout, serveHelp());
    return EXIT.stopped;
  }
  hideSqliteWarning();
  const { startServer } = await import('./server.ts');
  // Listening before the start is over: a signal in between still ends in order.
  const signal = nextStopSignal();
  try {
    const server = await startServer(settings);
    return await server.runUntil(signal);
  } catch (error) {
    return startFailure(error, settings);
  }
}

function startFailure(error: unknown, settings: Settings): number {
  if (error instanceof MillraceError && error.code === 'DATA_DIRECTORY_IN_USE') {
    return refuse(error.message, EXIT.dataDirectoryInUse);
  }
  if (error instanceof MillraceError && error.code === 'DATA_DIRECTORY_UNUSABLE') {
    return refuse(error.message, EXIT.dataDirectoryUnusable);
  }
  const { host, kafkaPort } = settings;
  const { code, syscall, port } = error as NodeJS.ErrnoException & { readonly port?: number };
  const flag = port === kafkaPort ? '--kafka-port' : '--http-port';
  if (code === 'EADDRINUSE') {
    const choices = flag === '--kafka-port' ? '0 = any free one, off = none' : '0 = any free one';
    const message = `port ${port} on ${host} is in use; choose another with ${flag} (${choices})`;
    return refuse(message, EXIT.portInUse);
  }
  if (code === 'EACCES' && syscall === 'listen') {
    const message = `port ${port} may not be opened by this user; choose one above 1023 with ${flag}`;
    return refuse(message, EXIT.badSetting);
  }
  if (syscall === 'listen' || syscall === 'getaddrinfo') {
    const message = `--host is ${JSON.stringify(host)}; it must be an address of this machine (${code})`;
    return refuse(message, EXIT.badSetting);
  }
  throw error;
}

function refuse(message: string, exitCode: number): number {
  print(process.stderr, `millrace: ${message}\n`);
  return exitCode;
}

/** A reader that is gone (`| head`) needs no stack trace. */
function print(output: NodeJS.WriteStream, text: string): void {
  output.on('error', () => {});
  output.write(text);
}

/** Resolves with the first SIGTERM or SIGINT; later ones change nothing: the stop is under way. */
function nextStopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    process.on('SIGTERM', resolve);
    process.on('SIGINT', resolve);
  });
}

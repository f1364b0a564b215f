/**
 * The server's settings: flags, and environment variables of the same name. Read once, checked,
 * frozen. A flag beats its variable, a variable beats the default.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import {
  BODY_BYTES_MAX,
  CONNECTIONS_MAX,
  OFFSETS_RETENTION_MS_DEFAULT,
  PARTITIONS_PER_TOPIC_MAX,
} from './model/limits.ts';

export interface Settings {
  readonly dataDirectory: string;
  readonly host: string;
  readonly httpPort: number;
  /** Undefined = no Kafka interface. */
  readonly kafkaPort: number | undefined;
  /** Undefined = the address that a client came by. */
  readonly kafkaAdvertised: { readonly host: string; readonly port: number } | undefined;
  readonly autoCreateTopics: boolean;
  readonly defaultPartitions: number;
  readonly offsetsRetentionMs: number;
  readonly corsOrigins: readonly string[];
  readonly allowedHosts: readonly string[];
  readonly bodyBytesMax: number;
  readonly connectionsMax: number;
  readonly logLevel: LogLevel;
}

export type LogLevel = (typeof LOG_LEVELS)[number];
const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

/** A setting that cannot be used: one line for the user, exit code 2. */
export class SettingError extends Error {
  override readonly name = 'SettingError';
}

const MINUTE_MS = 60_000;
const KAFKA_PORT_ALLOWED = 'an integer from 0 to 65535, or off';

interface Definition {
  readonly flag: string;
  readonly value: string;
  readonly default: string;
  readonly doc: string;
  /** Returns what is allowed when `text` is not. */
  readonly fault?: (text: string) => string | undefined;
}

const DEFINITIONS: readonly Definition[] = [
  {
    flag: 'data-dir',
    value: 'DIR',
    default: './data',
    doc: 'where everything is kept',
    fault: (text) => (text === '' ? 'the path of a directory' : undefined),
  },
  {
    flag: 'host',
    value: 'ADDRESS',
    default: '127.0.0.1', // There is no login: whoever reaches the port may do everything.
    doc: 'address to listen on; 0.0.0.0 = all',
    fault: (text) => (text === '' ? 'an address or a host name' : undefined),
  },
  {
    flag: 'http-port',
    value: 'N',
    default: '8082', // The port of the REST proxies whose paths are spoken here.
    doc: 'port of the HTTP interface; 0 = any free',
    fault: integer(0, 65_535),
  },
  {
    flag: 'kafka-port',
    value: 'N|off',
    default: '9092', // Kafka's own.
    doc: 'port of the Kafka protocol; 0 = any free',
    fault: (text) =>
      text === 'off' || isInteger(text, 0, 65_535) ? undefined : KAFKA_PORT_ALLOWED,
  },
  {
    flag: 'kafka-advertised',
    value: 'HOST:PORT',
    default: '', // What reaches the server once does so again, in most networks.
    doc: 'where Kafka clients are told to connect',
    fault: (text) => (readAddress(text) === undefined ? 'such as kafka.test:9092' : undefined),
  },
  {
    flag: 'auto-create-topics',
    value: 'on|off',
    default: 'on', // As Kafka has it; a test suite should not begin with administration.
    doc: 'whether a produce creates a missing topic',
    fault: (text) => (text === 'on' || text === 'off' ? undefined : 'on or off'),
  },
  {
    flag: 'default-partitions',
    value: 'N',
    default: '1',
    doc: 'of a topic created without a number',
    fault: integer(1, PARTITIONS_PER_TOPIC_MAX),
  },
  {
    flag: 'offsets-retention-minutes',
    value: 'N',
    default: String(OFFSETS_RETENTION_MS_DEFAULT / MINUTE_MS),
    doc: 'how long an empty group is kept',
    fault: integer(1, 2_147_483_647), // Kafka's own setting is an int32.
  },
  {
    flag: 'cors-origins',
    value: 'LIST',
    default: '',
    doc: 'web origins that may call, by commas, or *',
    fault: list(originFault),
  },
  {
    flag: 'allowed-hosts',
    value: 'LIST',
    default: '',
    doc: 'more values of Host while on loopback',
    fault: list((host) => (/^[^\s/]+$/.test(host) ? undefined : 'host names, comma separated')),
  },
  {
    flag: 'body-bytes-max',
    value: 'N',
    default: String(BODY_BYTES_MAX),
    doc: 'largest request body in bytes',
    fault: integer(1_024, 268_435_456),
  },
  {
    flag: 'connections-max',
    value: 'N',
    default: String(CONNECTIONS_MAX),
    doc: 'connections open at once',
    fault: integer(1, 1_000_000),
  },
  {
    flag: 'log-level',
    value: 'LEVEL',
    default: 'info',
    doc: LOG_LEVELS.join(', '),
    fault: (text) =>
      (LOG_LEVELS as readonly string[]).includes(text) ? undefined : LOG_LEVELS.join(', '),
  },
];

/** Throws SettingError; answers 'help' when it is asked for. */
export function readSettings(
  args: readonly string[],
  environment: Readonly<NodeJS.ProcessEnv>,
): Settings | 'help' {
  const flags = readFlags(args);
  if (flags === 'help') return 'help';
  const text = (flag: string): string => {
    const definition = DEFINITIONS.find((each) => each.flag === flag) as Definition;
    const fromFlag = flags.get(flag);
    const variable = variableOf(flag);
    // An empty variable is one that is not set, as compose files write it.
    const given = fromFlag ?? (environment[variable] || undefined);
    if (given === undefined) return definition.default;
    const allowed = definition.fault?.(given);
    if (allowed === undefined) return given;
    const name = fromFlag === undefined ? variable : `--${flag}`;
    throw new SettingError(`${name} is ${JSON.stringify(given)}; it must be ${allowed}`);
  };
  const httpPort = Number(text('http-port'));
  const kafkaPort = text('kafka-port') === 'off' ? undefined : Number(text('kafka-port'));
  if (httpPort === kafkaPort && httpPort !== 0) {
    throw new SettingError(`--http-port and --kafka-port are both ${httpPort}; they must differ`);
  }
  return Object.freeze({
    dataDirectory: resolve(text('data-dir')),
    host: text('host'),
    httpPort,
    kafkaPort,
    kafkaAdvertised: readAddress(text('kafka-advertised')),
    autoCreateTopics: text('auto-create-topics') === 'on',
    defaultPartitions: Number(text('default-partitions')),
    offsetsRetentionMs: Number(text('offsets-retention-minutes')) * MINUTE_MS,
    corsOrigins: split(text('cors-origins')),
    allowedHosts: split(text('allowed-hosts')),
    bodyBytesMax: Number(text('body-bytes-max')),
    connectionsMax: Number(text('connections-max')),
    logLevel: text('log-level') as LogLevel,
  });
}

/** The text of `millrace serve --help`. */
export function serveHelp(): string {
  const left = (each: Definition): string => `  --${each.flag} ${each.value}`;
  const width = Math.max(...DEFINITIONS.map((each) => left(each).length)) + 2;
  const rows = DEFINITIONS.map((each) => {
    const shown = each.default === '' ? '' : ` (${each.default})`;
    return `${left(each).padEnd(width)}${each.doc}${shown}`;
  });
  return `Usage: millrace serve [options]

Starts the server. Ctrl-C or SIGTERM stops it in order; a second one changes
nothing.

Options (defaults in parentheses):
${rows.join('\n')}
  ${'--help'.padEnd(width - 2)}this text

Each option can also be set by an environment variable: --data-dir is
${variableOf('data-dir')}. An empty variable counts as not set.

Exit codes: 0 stopped in order, 1 unexpected error, 2 bad option, 3 data
directory in use, 4 port in use, 5 data directory unusable.
`;
}

function variableOf(flag: string): string {
  return `MILLRACE_${flag.toUpperCase().replaceAll('-', '_')}`;
}

function readFlags(args: readonly string[]): Map<string, string> | 'help' {
  const options: { [name: string]: { type: 'string' } | { type: 'boolean'; short: string } } = {
    help: { type: 'boolean', short: 'h' },
  };
  for (const { flag } of DEFINITIONS) options[flag] = { type: 'string' };
  const { values, tokens } = parse(args, options);
  if (values['help'] === true) return 'help';
  const seen = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    if (seen.has(token.name)) throw new SettingError(`--${token.name} is given twice`);
    seen.set(token.name, token.value ?? '');
  }
  return seen;
}

function parse(args: readonly string[], options: Parameters<typeof parseArgs>[0] & object) {
  try {
    const config = {
      args: [...args],
      options,
      strict: true,
      allowPositionals: false,
      tokens: true,
    };
    return parseArgs(config as never) as unknown as ParsedArgs;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // Node's sentence names the argument; what is allowed is one command away.
    throw new SettingError(`${error.message.split('. ')[0]}; see millrace serve --help`);
  }
}

interface ParsedArgs {
  readonly values: { readonly [name: string]: unknown };
  readonly tokens: readonly {
    readonly kind: string;
    readonly name: string;
    readonly value?: string;
  }[];
}

function integer(min: number, max: number): (text: string) => string | undefined {
  return (text) => (isInteger(text, min, max) ? undefined : `an integer from ${min} to ${max}`);
}

function isInteger(text: string, min: number, max: number): boolean {
  return /^\d{1,12}$/.test(text) && Number(text) >= min && Number(text) <= max;
}

/** Undefined when it is none. An IPv6 address stands in brackets, as in a URL. */
function readAddress(text: string): Settings['kafkaAdvertised'] {
  const [, bracketed, plain, port = ''] =
    /^(?:\[([\da-fA-F:.]+)\]|([^\s:/[\]]+)):(\d+)$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || !isInteger(port, 1, 65_535)) return undefined;
  return Object.freeze({ host, port: Number(port) });
}

function list(fault: (item: string) => string | undefined): (text: string) => string | undefined {
  return (text) =>
    split(text)
      .map(fault)
      .find((each) => each !== undefined);
}

function originFault(text: string): string | undefined {
  if (text === '*') return undefined;
  const isOrigin = URL.canParse(text) && new URL(text).origin === text;
  return isOrigin ? undefined : 'origins such as http://localhost:3000, comma separated, or *';
}

function split(text: string): readonly string[] {
  return Object.freeze(
    text
      .split(',')
      .map((each) => each.trim())
      .filter((each) => each !== ''),
  );
}

/** Parsers of option values; each refusal says what came and what is allowed. */
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { Client } from '../client/client.ts';
import { UsageError } from './exit.ts';

export function integerOption(min: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= min) return value;
    throw new InvalidArgumentError(`It must be an integer from ${min}.`);
  };
}

export function choiceOption<T extends string>(...choices: readonly T[]): (text: string) => T {
  return (text) => {
    const found = choices.find((each) => each === text);
    if (found !== undefined) return found;
    throw new InvalidArgumentError(`It must be one of: ${choices.join(', ')}.`);
  };
}

/** One to eight characters; \t, \n and \0 may be written so, because shells make them hard to type. */
export function delimiterOption(text: string): string {
  const unescaped = text.replaceAll('\\t', '\t').replaceAll('\\n', '\n').replaceAll('\\0', '\0');
  if (unescaped.length >= 1 && unescaped.length <= 8) return unescaped;
  throw new InvalidArgumentError('It must be one to eight characters, such as : or \\t.');
}

/** Where to begin: what the server takes as `offset`, and bare times as people write them. */
export function startOption(text: string): string {
  if (/^(earliest|latest|-?\d+|@.+)$/.test(text)) return text;
  if (!Number.isNaN(Date.parse(text))) return `@${new Date(text).toISOString()}`;
  throw new InvalidArgumentError(
    'It must be an offset, earliest, latest, or a time such as 2026-11-21T06:00:00Z.',
  );
}

export function serverOf(program: Command): Client {
  const { server } = program.opts<{ server: string }>();
  try {
    return new Client(server);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError(
      `--server is ${JSON.stringify(server)}; it must be a URL such as http://127.0.0.1:8082`,
    );
  }
}

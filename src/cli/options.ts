/** Parsers of option values; each refusal says what came and what is allowed. */
import { InvalidArgumentError } from 'commander';
import type { ResetTarget } from '../client/group-answers.ts';

export function integerOption(min: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= min) return value;
    throw new InvalidArgumentError(`It must be an integer from ${min}.`);
  };
}

/** One to eight characters; \t, \n and \0 may be written so, because shells make them hard to type. */
export function delimiterOption(text: string): string {
  const unescaped = text.replaceAll('\\t', '\t').replaceAll('\\n', '\n').replaceAll('\\0', '\0');
  if (unescaped.length >= 1 && unescaped.length <= 8) return unescaped;
  throw new InvalidArgumentError('It must be one to eight characters, such as : or \\t.');
}

/** Gathers `name=value` as often as it is given. */
export function pairOption(example: string) {
  return (text: string, earlier: readonly NameAndValue[] = []): readonly NameAndValue[] => {
    const at = text.indexOf('=');
    if (at < 1) throw new InvalidArgumentError(`It must look like ${example}.`);
    return [...earlier, { name: text.slice(0, at), value: text.slice(at + 1) }];
  };
}

export interface NameAndValue {
  readonly name: string;
  readonly value: string;
}

/** Where to begin, as the server takes it: times become `@`, and are UTC where they name no zone. */
export function startOption(text: string): string {
  if (/^(earliest|latest|-?\d{1,16})$/.test(text)) return text;
  const timeMs = momentOf(text);
  if (timeMs !== undefined) return `@${timeMs}`;
  throw new InvalidArgumentError(
    'It must be an offset, -N for the last N, earliest, latest, or a time such as ' +
      '2026-11-21T06:00:00Z, 2026-11-21 or @1795240800000.',
  );
}

/** Where a group's offsets are moved: signed numbers are counted from where they are. */
export function resetOption(text: string): ResetTarget {
  if (text === 'earliest' || text === 'latest') return text;
  if (/^[+-]\d{1,15}$/.test(text)) return { shift: Number(text) };
  if (/^\d{1,15}$/.test(text)) return { offset: Number(text) };
  const timeMs = momentOf(text);
  if (timeMs !== undefined) return { timestamp: timeMs };
  throw new InvalidArgumentError(
    'It must be earliest, latest, an offset, +N or -N to skip or repeat N records, or a time ' +
      'such as 2026-11-21T06:00:00Z, 2026-11-21 or @1795240800000.',
  );
}

/** `0,2` */
export function partitionsOption(text: string): readonly number[] {
  if (/^\d{1,9}(,\d{1,9})*$/.test(text)) return [...new Set(text.split(',').map(Number))];
  throw new InvalidArgumentError('It must be partition numbers with commas between, such as 0,2.');
}

/** Milliseconds, of a time with or without its `@`; undefined when it is no time. */
function momentOf(text: string): number | undefined {
  if (/^@\d{1,15}$/.test(text)) return Number(text.slice(1));
  return timeOf(text.startsWith('@') ? text.slice(1) : text);
}

const DATE = /^\d{4}-\d\d-(\d\d)$/;
const DATE_AND_TIME = /^\d{4}-\d\d-(\d\d)[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?$/i;

/** Milliseconds; undefined when it is no time. */
function timeOf(text: string): number | undefined {
  const parts = DATE.exec(text) ?? DATE_AND_TIME.exec(text);
  if (parts === null) return undefined;
  const isZoned = /(Z|[+-]\d\d:\d\d)$/i.test(text) && !DATE.test(text);
  const date = text.slice(0, 10);
  const timeMs = Date.parse(DATE.test(text) || isZoned ? text : `${text}Z`);
  // Date.parse lets the 31st of a short month run into the next one; that is a typing error here.
  const isOnCalendar = new Date(Date.parse(date)).getUTCDate() === Number(parts[1]);
  return Number.isNaN(timeMs) || timeMs < 0 || !isOnCalendar ? undefined : timeMs;
}

/**
 * Batches and records of a segment as lines: for people, or a JSON object each. Whatever is stored,
 * no control character is printed.
 */
import { isUtf8 } from 'node:buffer';
import type { BatchHeader } from '../codec/batch-header.ts';
import type { StoredRecord } from '../model/record.ts';
import { plural } from './numbers.ts';
import { terminalJson } from './terminal-text.ts';

export interface DumpOptions {
  readonly batches?: boolean;
  readonly json?: boolean;
  readonly values?: boolean;
}

export function batchText(batch: BatchHeader, position: number, options: DumpOptions): string {
  const flushStart = batch.baseOffset - batch.leaderEpoch;
  if (options.json === true) {
    return `${JSON.stringify({ batch: { position, flushStart, ...batch } })}\n`;
  }
  const { baseOffset, lastOffset, recordCount, bytes, maxTimestamp, compression } = batch;
  const facts = [
    `batch at ${position}`,
    `offsets ${baseOffset} to ${lastOffset}`,
    plural(recordCount, 'record'),
    plural(bytes, 'byte'),
    time(maxTimestamp) + (batch.timestampType === 'LogAppendTime' ? ' (append time)' : ''),
    compression === 'none' ? 'not compressed' : compression,
    `flush from ${flushStart}`,
    ...producerFacts(batch),
    ...(batch.isTransactional ? ['transactional'] : []),
    ...(batch.isControl ? ['control'] : []),
  ];
  return `${facts.join(', ')}\n`;
}

function producerFacts({ producerId, producerEpoch, baseSequence }: BatchHeader): string[] {
  if (producerId === -1) return [];
  return [`producer ${producerId} epoch ${producerEpoch} sequence ${baseSequence}`];
}

export function recordText(record: StoredRecord, options: DumpOptions): string {
  const { offset, timestamp, key, value, headers } = record;
  if (options.json === true) {
    const fields = {
      offset,
      timestamp,
      ...jsonMember('key', key),
      ...jsonMember('value', value),
      headers: headers.map((each) => ({ key: each.key, ...jsonMember('value', each.value) })),
    };
    return `${terminalJson(JSON.stringify({ record: fields }))}\n`;
  }
  const lengthMax = options.values === true ? Infinity : BEGINNING;
  const facts = [
    String(offset),
    time(timestamp),
    shown(key, lengthMax),
    shown(value, lengthMax),
    ...headers.map(
      (each) => `${shown(Buffer.from(each.key), lengthMax)}=${shown(each.value, lengthMax)}`,
    ),
  ];
  return `  ${facts.join('  ')}\n`;
}

/** Under the names that the server's JSON uses. */
function jsonMember(
  name: 'key' | 'value',
  bytes: Uint8Array | null,
): { [name: string]: string | null } {
  if (bytes === null || isUtf8(bytes)) {
    return { [name]: bytes === null ? null : Buffer.from(bytes).toString() };
  }
  return { [`${name}_base64`]: Buffer.from(bytes).toString('base64') };
}

/** Bytes of a key or value that are shown without --values. */
const BEGINNING = 60;

/** A JSON string if it is text, else hex. */
function shown(bytes: Uint8Array | null, lengthMax: number): string {
  if (bytes === null) return 'null';
  const isText = isUtf8(bytes);
  const beginning = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, lengthMax));
  // A character that is cut off at the end of the beginning is left out.
  const text = isText
    ? terminalJson(JSON.stringify(beginning.toString().replace(/\ufffd+$/, '')))
    : `0x${beginning.toString('hex')}`;
  return bytes.length > lengthMax ? `${text}... (${plural(bytes.length, 'byte')})` : text;
}

/** The last millisecond that a Date can name (ECMAScript); records may claim later ones. */
const DATE_MS_MAX = 8.64e15;

function time(timestampMs: number): string {
  if (timestampMs < 0) return 'no timestamp';
  return timestampMs > DATE_MS_MAX ? `${timestampMs} ms` : new Date(timestampMs).toISOString();
}

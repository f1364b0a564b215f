/**
 * Records in Millrace's own JSON: `{topic, partition, offset, timestamp, key, value, headers}`,
 * with whatever surrounds each in the answer at hand.
 */
import {
  base64Member,
  headersMember,
  jsonLineMember,
  jsonMember,
  textMember,
} from './record-json-text.ts';
import type { RecordFormat, RecordPlace, RecordView, WriteRecord } from './record-view.ts';

export const VALUE_FORMATS = ['json', 'text', 'base64'] as const;
/** How values are shown: as the JSON they are, as text, or as base64 always. */
export type ValueFormat = (typeof VALUE_FORMATS)[number];

export interface JsonOptions extends RecordPlace {
  readonly format: ValueFormat;
  /** What surrounds each record. */
  readonly before: (record: RecordView) => string;
  readonly after: string;
  /** Every record on a line of its own, whatever its value holds. */
  readonly oneLine: boolean;
}

/** Records of an array: each with a comma before it, of which the envelope drops the first. */
export function jsonRecords(place: RecordPlace, format: ValueFormat): RecordFormat {
  return jsonFormat({ ...place, format, before: () => ',', after: '', oneLine: false });
}

export function jsonFormat(options: JsonOptions): RecordFormat {
  return { write: writer(options, false), writeChecked: writer(options, true) };
}

function writer(options: JsonOptions, checked: boolean): WriteRecord {
  const { topic, partition, format, before, after, oneLine } = options;
  const start = `{"topic":${JSON.stringify(topic)},"partition":${partition},"offset":`;
  const inBase64 = format === 'base64';
  const writeKey = inBase64 ? base64Member('key') : textMember('key', checked);
  const json = oneLine ? jsonLineMember : jsonMember;
  const make = { json, text: textMember, base64: base64Member }[format];
  const writeValue = make('value', checked);
  // Records that were sent together mostly share their time, and to print it takes 70 ns.
  let timestamp = Number.NaN;
  let timestampText = '';
  return (record) => {
    const { at } = record;
    if (record.timestamp !== timestamp) {
      timestamp = record.timestamp;
      timestampText = `,"timestamp":${timestamp},`;
    }
    return (
      before(record) +
      start +
      record.offset +
      timestampText +
      writeKey(record, at.keyStart, at.keyEnd) +
      ',' +
      writeValue(record, at.valueStart, at.valueEnd) +
      ',' +
      headersMember(record, inBase64) +
      '}' +
      after
    );
  };
}

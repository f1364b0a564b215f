/**
 * Records in the shapes of Confluent's REST Proxy v2: a bare array of `{topic, key, value,
 * partition, offset}`, keys in the embedded format too. Timestamp and headers are added behind;
 * v2's clients ignore members they do not know. What the embedded format cannot say comes as
 * `key_base64` or `value_base64`, where v2 would fail the whole read for ever.
 */
import { binaryMember, headersMember, jsonMember, textMember } from './record-json-text.ts';
import type { RecordFormat, RecordPlace, WriteRecord } from './record-view.ts';

/** v2's embedded formats. */
export type V2Format = 'json' | 'binary' | 'text';

const MEMBERS = { json: jsonMember, text: textMember, binary: binaryMember } as const;

/** Each record with a comma before it, of which the envelope drops the first. */
export function v2Records(place: RecordPlace, format: V2Format): RecordFormat {
  return { write: writer(place, format, false), writeChecked: writer(place, format, true) };
}

function writer(place: RecordPlace, format: V2Format, checked: boolean): WriteRecord {
  const start = `,{"topic":${JSON.stringify(place.topic)},`;
  const middle = `,"partition":${place.partition},"offset":`;
  const writeKey = MEMBERS[format]('key', checked);
  const writeValue = MEMBERS[format]('value', checked);
  return (record) => {
    const { at, offset, timestamp } = record;
    const key = writeKey(record, at.keyStart, at.keyEnd);
    const value = writeValue(record, at.valueStart, at.valueEnd);
    const headers = headersMember(record, false);
    return `${start}${key},${value}${middle}${offset},"timestamp":${timestamp},${headers}}`;
  };
}

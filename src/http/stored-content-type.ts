/**
 * The content type that a record was stored with, as a header of the answer that gives its bytes
 * back. The header came from any client, so it is given back only if it is a media type (RFC 9110,
 * 8.3.1) and nothing else: no line break, no second header, nothing a browser may guess about.
 */
import { CONTENT_TYPE_LENGTH_MAX } from '../model/limits.ts';
import type { RecordHeader } from '../model/record.ts';

const UNKNOWN_TYPE = 'application/octet-stream';

const TOKEN = "[\\w!#$%&'*+.^`|~-]+";
const PARAMETER = `${TOKEN}=(?:${TOKEN}|"(?:[\\t !#-\\[\\]-~]|\\\\[\\t -~])*")`;
const MEDIA_TYPE = new RegExp(`^${TOKEN}/${TOKEN}(?:[ \\t]*;[ \\t]*${PARAMETER})*$`);

/** Like Kafka's `lastHeader`, the last of several headers of that name counts. */
export function storedContentType(headers: readonly RecordHeader[]): string {
  const header = headers.findLast(({ key }) => key.toLowerCase() === 'content-type');
  if (header === undefined || header.value === null) return UNKNOWN_TYPE;
  const text = Buffer.from(header.value).toString('latin1');
  return text.length <= CONTENT_TYPE_LENGTH_MAX && MEDIA_TYPE.test(text) ? text : UNKNOWN_TYPE;
}

/** Times as callers write them: milliseconds since the Unix epoch, or RFC 3339. */
import { INT64_SAFE_MAX } from '../model/limits.ts';

export const TIMESTAMP_ALLOWED =
  'milliseconds since 1970 or an RFC 3339 time like 2026-11-21T06:00:00Z';

/** A `+` of a zone arrives as a space when the URL did not write it as %2B; both are taken. */
const RFC_3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?([Zz]|[+ -]\d\d:\d\d)$/;

/** Milliseconds, or undefined when `text` is neither form. Finer fractions are cut off. */
export function parseTimestamp(text: string): number | undefined {
  if (/^\d{1,16}$/.test(text)) {
    const milliseconds = Number(text);
    return milliseconds <= INT64_SAFE_MAX ? milliseconds : undefined;
  }
  const parts = RFC_3339.exec(text);
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', zone = 'Z'] = parts;
  const local = Date.parse(
    `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.padEnd(3, '0').slice(0, 3)}Z`,
  );
  // Date.parse lets the 31st of a short month run into the next one; that is a typing error here.
  if (Number.isNaN(local) || new Date(local).getUTCDate() !== Number(day)) return undefined;
  const time = local - zoneMs(zone);
  return time >= 0 ? time : undefined;
}

function zoneMs(zone: string): number {
  if (zone === 'Z' || zone === 'z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}

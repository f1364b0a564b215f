/** Pages of what is stored, read in turn by many connections. */
import { requestRate } from './load.ts';

const CONNECTIONS = 8;
/** Spread over the topic. */
const PAGES = 200;
const RECORDS_A_PAGE = 10_000;

export interface Reading {
  readonly url: string;
  readonly topic: string;
  /** How many there are. */
  readonly records: number;
  readonly accept: string;
  readonly seconds: number;
}

/** Records read back a second. */
export async function readingRate({ accept, seconds, ...reading }: Reading): Promise<number> {
  const urls = urlsOf(reading, accept === 'application/json');
  const headers = { accept };
  const records = await recordsOf(urls[0] as string, headers);
  return records * (await requestRate({ urls, headers, connections: CONNECTIONS, seconds }));
}

function urlsOf(
  { url, topic, records }: Pick<Reading, 'url' | 'topic' | 'records'>,
  isCounted: boolean,
): string[] {
  const query = `max_bytes=1048576${isCounted ? `&max_records=${RECORDS_A_PAGE}` : ''}`;
  return Array.from({ length: PAGES }, (_, page) => {
    const offset = Math.floor((page * (records - RECORDS_A_PAGE)) / PAGES);
    return `${url}/topics/${topic}/partitions/0/records?offset=${offset}&${query}`;
  });
}

/** Records that an answer holds; every page has about as many. */
async function recordsOf(url: string, headers: Readonly<Record<string, string>>): Promise<number> {
  const answer = await fetch(url, { headers });
  const bytes = Buffer.from(await answer.arrayBuffer());
  if (headers['accept'] === 'application/json') {
    return (JSON.parse(bytes.toString()) as { records: unknown[] }).records.length;
  }
  let records = 0;
  // Record batch v2: batchLength at 8, recordCount at 57.
  for (let at = 0; at < bytes.length; at += 12 + bytes.readInt32BE(at + 8)) {
    records += bytes.readInt32BE(at + 57);
  }
  return records;
}

/** SIGKILL in the middle of produces, again and again, on one data directory. */
import { expect, test } from 'vitest';
import { startServerProcess } from '../support/server-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const ROUNDS = 4;
const WRITERS = 8;

test('after kill -9 the next start works at once, and every acknowledged record is there', async () => {
  const directory = await temporaryDirectory();
  const acknowledged = new Map<number, string>();
  let sent = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const server = await startServerProcess(directory);
    const killAt = sent + 200 + 50 * round;
    let isKilled = false;
    const writer = async (): Promise<void> => {
      while (!isKilled) {
        sent += 1;
        const value = `value ${sent}`;
        if (sent === killAt) {
          isKilled = true;
          await server.stop('SIGKILL');
          return;
        }
        const offset = await produce(server.url, value);
        if (offset === undefined) return;
        // The promise about identity: no offset is ever given to another record.
        expect(acknowledged.get(offset) ?? value).toBe(value);
        acknowledged.set(offset, value);
      }
    };
    await Promise.all(Array.from({ length: WRITERS }, writer));
  }
  const server = await startServerProcess(directory);
  const stored = await readAll(server.url);
  expect(acknowledged.size).toBeGreaterThan(ROUNDS * 100);
  for (const [offset, value] of acknowledged) expect(stored[offset]).toBe(value);
  // A request cut off by the kill may have been stored or not; never twice.
  expect(new Set(stored).size).toBe(stored.length);
  expect(await server.stop()).toBe(0);
});

test('a second process on the same directory is refused, and a start after kill -9 is not', async () => {
  const directory = await temporaryDirectory();
  const first = await startServerProcess(directory);
  await expect(startServerProcess(directory)).rejects.toThrow(
    /code 3: millrace: .*in use by process/,
  );
  await first.stop('SIGKILL');
  const second = await startServerProcess(directory);
  expect(await second.stop()).toBe(0);
});

test('while the owner is merely stopped, a second start is refused at once; then the owner goes on', async () => {
  const directory = await temporaryDirectory();
  const first = await startServerProcess(directory);
  expect(await produce(first.url, 'before')).toBe(0);
  process.kill(first.pid, 'SIGSTOP');
  const meanwhile = produce(first.url, 'meanwhile');
  const inUse = new RegExp(`code 3: millrace: .*in use by process ${first.pid}`);
  await expect(startServerProcess(directory)).rejects.toThrow(inUse);
  process.kill(first.pid, 'SIGCONT');
  expect(await meanwhile).toBe(1);
  process.kill(first.pid, 'SIGSTOP');
  await first.stop('SIGKILL');
  const next = await startServerProcess(directory);
  expect(await readAll(next.url)).toEqual(['before', 'meanwhile']);
  expect(await next.stop()).toBe(0);
});

/** The offset, or undefined when the server is gone. */
async function produce(url: string, value: string): Promise<number | undefined> {
  try {
    const answer = await fetch(`${url}/topics/kill`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ records: [{ value }] }),
    });
    const body = (await answer.json()) as { offsets?: { offset: number }[] };
    return body.offsets?.[0]?.offset;
  } catch (error) {
    // fetch has no other word for a connection that broke.
    if (error instanceof TypeError || (error as Error).name === 'SocketError') return undefined;
    throw error;
  }
}

async function readAll(url: string): Promise<string[]> {
  const values: string[] = [];
  for (;;) {
    const query = `offset=${values.length}&max_records=10000`;
    const answer = await fetch(`${url}/topics/kill/partitions/0/records?${query}`);
    const { records } = (await answer.json()) as { records: { offset: number; value: string }[] };
    if (records.length === 0) return values;
    for (const { offset, value } of records) {
      expect(offset).toBe(values.length);
      values.push(value);
    }
  }
}

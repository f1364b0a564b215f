/** From the sending of a record to its receipt by who follows: the k-th received is the k-th sent. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Follow } from './peer.ts';

const RECORDS = 200;
export const EVERY_MS = 5;
const PATIENCE_MS = 5_000;

/** In milliseconds. */
export async function tailed(
  follow: Follow,
): Promise<{ readonly p50: number; readonly p99: number }> {
  const sentMs: number[] = [];
  const waits: number[] = [];
  const following = await follow((count) => {
    const now = performance.now();
    for (let each = 0; each < count; each += 1) waits.push(now - (sentMs[waits.length] as number));
  });
  for (let sent = 0; sent < RECORDS; sent += 1) {
    await pause(EVERY_MS);
    sentMs.push(performance.now());
    await following.send();
  }
  const endMs = performance.now() + PATIENCE_MS;
  while (waits.length < RECORDS && performance.now() < endMs) await pause(1);
  await following.stop();
  if (waits.length !== RECORDS) throw new Error(`${waits.length} of ${RECORDS} records arrived`);
  waits.sort((a, b) => a - b);
  const at = (share: number): number => waits[Math.floor(RECORDS * share)] as number;
  return { p50: at(0.5), p99: at(0.99) };
}

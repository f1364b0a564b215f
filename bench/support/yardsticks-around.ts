/** What the machine can do before and after a run: how far its figures may be trusted. */
import { JSON_HEADERS, oneRecord } from './bodies.ts';
import { requestRate } from './load.ts';
import { inTemporaryDirectory, startBareFastify } from './processes.ts';
import { syncsPerSecond, writeAndSyncRate } from './yardsticks.ts';

const SECONDS = 2;

export async function measureYardsticks(): Promise<{ [name: string]: number }> {
  return inTemporaryDirectory(async (directory) => {
    const bare = await startBareFastify();
    try {
      const urls = [`${bare.url}/topics/yardstick`];
      const load = { urls, method: 'POST', body: oneRecord(), headers: JSON_HEADERS } as const;
      return {
        'fdatasync of 4 KiB appends, /s': syncsPerSecond(directory, { seconds: SECONDS }),
        'writes of 1 MB with fdatasync, MB/s': writeAndSyncRate(directory, 1_000_000, SECONDS),
        'bare Fastify POST, 64 connections, requests/s': await requestRate({
          ...load,
          connections: 64,
          seconds: SECONDS,
        }),
      };
    } finally {
      await bare.stop();
    }
  });
}

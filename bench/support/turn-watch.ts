/**
 * Loaded into a server before its own code: writes how long its event loop was away, in
 * milliseconds as JSON, to the file that TURN_WATCH names, at each SIGUSR2, and begins anew.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** What the histogram counts is the time between two samples. */
const SAMPLING_MS = 1;

const file = process.env['TURN_WATCH'];
const delay = monitorEventLoopDelay({ resolution: SAMPLING_MS });
delay.enable();
process.on('SIGUSR2', () => {
  const [p99, max] = [delay.percentile(99), delay.max].map((ns) => ns / 1e6 - SAMPLING_MS);
  delay.reset();
  writeFileSync(`${file}.new`, JSON.stringify({ p99, max }));
  renameSync(`${file}.new`, `${file}`);
});

/**
 * How long a bench takes. BENCH_TURNS=1 BENCH_SECONDS=1 make a short run of it, which shows that
 * everything runs, and nothing else.
 */
export function turnsOr(usual: number): number {
  return Number(process.env['BENCH_TURNS'] ?? usual);
}

/** Of one turn; whole ones, for wrk. */
export function secondsOr(usual: number): number {
  return Number(process.env['BENCH_SECONDS'] ?? usual);
}

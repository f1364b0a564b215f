/**
 * The native codecs, loaded when a batch first needs one: most servers never see one compressed,
 * and the two would add some 15 ms to every start.
 */
import { createRequire } from 'node:module';
import { corrupt } from './corrupt.ts';

const require = createRequire(import.meta.url);

let snappy: typeof import('snappy') | undefined;
let lz4: typeof import('lz4-napi') | undefined;

export function loadSnappy(): typeof import('snappy') {
  snappy ??= require('snappy') as typeof import('snappy');
  return snappy;
}

export function loadLz4(): typeof import('lz4-napi') {
  lz4 ??= require('lz4-napi') as typeof import('lz4-napi');
  return lz4;
}

/** What to throw for what a native codec threw: its complaint about the bytes in our words. */
export function nativeFault(
  error: unknown,
  { field, expected }: { readonly field: string; readonly expected: string },
): unknown {
  // Anything else (no memory) as it is.
  const isOfBytes =
    error instanceof Error && (error as NodeJS.ErrnoException).code === 'GenericFailure';
  return isOfBytes ? corrupt({ field, expected, found: error.message }, error) : error;
}

/**
 * The native codecs, loaded when a batch first needs one: most servers never see one compressed,
 * and the two would add some 15 ms to every start.
 */
import { createRequire } from 'node:module';

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

/** Whether a native codec threw this because of the bytes it was given. */
export function isNativeDecodeError(error: unknown): error is Error {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === 'GenericFailure';
}

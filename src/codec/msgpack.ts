/**
 * Values as MessagePack, for short answers. msgpackr, a well-kept library, does it: its build
 * without `eval` is used, which leaves its native extractor out too, and only once an answer needs
 * it, since most callers ask for JSON alone. Bodies that come in are read by `msgpack-walk.ts`.
 */
import { createRequire } from 'node:module';

type Packr = import('msgpackr').Packr;

const require = createRequire(import.meta.url);
let loaded: Packr | undefined;

function packr(): Packr {
  if (loaded !== undefined) return loaded;
  const library = require('msgpackr/index-no-eval') as typeof import('msgpackr');
  loaded = new library.Packr({
    // No extension of its own for repeated shapes: other decoders do not know it.
    useRecords: false,
    variableMapSize: true,
  });
  return loaded;
}

/**
 * null, booleans, numbers, strings, Uint8Arrays (as binaries), arrays, Maps with string keys and
 * plain objects (members that are undefined are left out) as bytes. Integers stay integers up to
 * the safe ones.
 */
export function encodeMsgpack(value: unknown): Buffer {
  return packr().pack(encodable(value));
}

/** What the library would write as something else: integers beyond 32 bits as floats. */
function encodable(value: unknown): unknown {
  if (typeof value === 'number') {
    const isWide = Number.isSafeInteger(value) && (value < -0x8000_0000 || value > 0xffff_ffff);
    return isWide ? BigInt(value) : value;
  }
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(encodable);
  const members = value instanceof Map ? [...value] : Object.entries(value);
  const present = members.filter(([, member]) => member !== undefined);
  return new Map(present.map(([name, member]) => [name, encodable(member)]));
}

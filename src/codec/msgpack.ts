/**
 * MessagePack bodies, to values and back. The scan in msgpack-scan.ts decides what is allowed;
 * msgpackr, a well-kept library that decodes ten million small records a second, does the rest.
 * Its build without `eval` is used, which leaves its native extractor out too, and only once a
 * body needs it: most servers see JSON alone.
 */
import { createRequire } from 'node:module';
import { asBuffer } from './bytes.ts';
import { scanMsgpack } from './msgpack-scan.ts';

type Packr = import('msgpackr').Packr;

const require = createRequire(import.meta.url);
let loaded: Packr | undefined;

function packr(): Packr {
  if (loaded !== undefined) return loaded;
  const library = require('msgpackr/index-no-eval') as typeof import('msgpackr');
  loaded = new library.Packr({
    // No extension of its own for repeated shapes: other decoders do not know it.
    useRecords: false,
    // As objects `__proto__` would arrive under another name; in a Map it is a name like others.
    mapsAsObjects: false,
    int64AsType: 'number',
    variableMapSize: true,
  });
  return loaded;
}

/**
 * The one value in `bytes`: null, boolean, number, string, Buffer (a view of `bytes`), array or
 * Map with string keys, of which the last of equal ones counts. Throws INVALID_REQUEST.
 */
export function decodeMsgpack(bytes: Uint8Array): unknown {
  const buffer = asBuffer(bytes);
  scanMsgpack(buffer);
  // A view of its own: the library leaves a property behind on the object it is given.
  return packr().unpack(buffer.subarray());
}

/**
 * A value of those kinds, and plain objects (members that are undefined are left out), as bytes.
 * Uint8Arrays become binaries; integers stay integers up to the safe ones.
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

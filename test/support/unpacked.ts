/** What msgpackr makes of MessagePack: the second opinion on what the server reads and writes. */
import { Unpackr } from 'msgpackr';

const options = { int64AsType: 'number', useRecords: false } as const;
const objects = new Unpackr({ ...options, mapsAsObjects: true });
const maps = new Unpackr({ ...options, mapsAsObjects: false });

/** Maps as objects. */
export function unpacked(bytes: Uint8Array): unknown {
  return objects.unpack(bytes);
}

/** Maps as Maps, in which `__proto__` is a name like any other. */
export function unpackedMaps(bytes: Uint8Array): unknown {
  return maps.unpack(bytes);
}

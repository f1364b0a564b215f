/** What a frame becomes in hostile hands: a request that its sender never wrote, from one seed. */
import { SIZE_BYTES } from '../../src/kafka-protocol/frame-assembler.ts';
import type { SeededRandom } from './seeded-random.ts';

/** Lengths and counts where readers err: none, null, just too many, and all that fits a type. */
const ODD_NUMBERS = [-2_147_483_648, -2, -1, 0, 1, 127, 128, 32_767, 65_535, 2_147_483_647];

type Mutation = (frame: Buffer, random: SeededRandom) => Buffer;

/** API, version, number of the request and no name: less is left of no frame. */
const BYTES_MIN = SIZE_BYTES + 10;

/** Where a frame may be changed: behind its size, which the last step mends or leaves wrong. */
function place(frame: Buffer, random: SeededRandom, bytes = 1): number {
  return random.between(SIZE_BYTES, frame.length - bytes);
}

const MUTATIONS: readonly Mutation[] = [
  function flips(frame, random) {
    for (let flip = random.below(4); flip >= 0; flip--) {
      const at = place(frame, random);
      frame.writeUInt8(frame.readUInt8(at) ^ (1 << random.below(8)), at);
    }
    return frame;
  },
  function cuts(frame, random) {
    return frame.subarray(0, random.between(BYTES_MIN, frame.length));
  },
  function insertions(frame, random) {
    const at = place(frame, random);
    const bytes = random.bytes(random.between(1, 40));
    return Buffer.concat([frame.subarray(0, at), bytes, frame.subarray(at)]);
  },
  function plainLengths(frame, random) {
    const isShort = random.chance(0.5);
    const at = place(frame, random, isShort ? 2 : 4);
    const number = random.pick(ODD_NUMBERS);
    if (isShort) frame.writeInt16BE((number << 16) >> 16, at);
    else frame.writeInt32BE(number, at);
    return frame;
  },
  function flexibleLengths(frame, random) {
    // A varint of five bytes in the place of one byte.
    const at = place(frame, random);
    const varint = Buffer.from([0xff, 0xff, 0xff, 0xff, random.pick([0x00, 0x07, 0x0f, 0x7f])]);
    return Buffer.concat([frame.subarray(0, at), varint, frame.subarray(at + 1)]);
  },
  /** Compact and plain forms confused, and fields that a version does not have. */
  function otherVersions(frame, random) {
    frame.writeInt16BE(random.between(-1, 17), SIZE_BYTES + 2);
    return frame;
  },
  function otherApis(frame, random) {
    frame.writeInt16BE(random.below(62), SIZE_BYTES);
    return frame;
  },
  /** Most flexible requests end with an empty set of tags. */
  function manyTags(frame, random) {
    const count = random.pick([5_000, 16_383]);
    const tags = Buffer.alloc(2 * count);
    const head = Buffer.from([(count & 127) | 128, count >> 7]);
    return Buffer.concat([frame.subarray(0, -1), head, tags]);
  },
  function splices(frame, random) {
    const [from, to] = [0, 1].map(() => random.between(BYTES_MIN, frame.length));
    return Buffer.concat([frame.subarray(0, from), frame.subarray(to)]);
  },
];

/** A copy, changed in one or two ways; its size fits, but for one in ten. */
export function mutated(frame: Buffer, random: SeededRandom): Buffer {
  let changed: Buffer = Buffer.from(frame);
  for (let step = random.below(2); step >= 0; step--) {
    changed = random.pick(MUTATIONS)(changed, random);
  }
  const isMended = random.chance(0.9);
  if (isMended) changed.writeInt32BE(changed.length - SIZE_BYTES);
  return changed;
}

/**
 * Cuts what a connection receives into requests:
 *
 *     size int32       of what follows
 *     request          see request-header.ts
 *
 * A frame that lies within one piece of what was received is that piece's memory. Another one is
 * copied once, into a buffer of its size; that is made only when the size is within the limit and
 * `admit` has let it pass, so that memory is bounded by what was admitted.
 */
import { faultError } from '../codec/corrupt.ts';
import { foreignGreeting } from './foreign-greeting.ts';

export const SIZE_BYTES = 4;
const NOT_KNOWN = -1;
const EMPTY: Buffer = Buffer.alloc(0);

export interface FrameBounds {
  readonly bytesMax: number;
  /** Asked once a size is known, and again with each `next`, until it says yes. */
  readonly admit: (bytes: number) => boolean;
}

export class FrameAssembler {
  readonly #bounds: FrameBounds;
  /** Received, and from `#at` on not yet looked at. */
  #piece = EMPTY;
  #at = 0;
  /** Of the frame that is coming. */
  #size = NOT_KNOWN;
  #isAdmitted = false;
  /** What is there of a size, or of a frame, that came in pieces. */
  readonly #sizeBytes = Buffer.alloc(SIZE_BYTES);
  #sizeAt = 0;
  #frame: Buffer | undefined;
  #frameAt = 0;

  constructor(bounds: FrameBounds) {
    this.#bounds = bounds;
  }

  /** Whether a frame has begun and is not there yet. */
  get isWithinFrame(): boolean {
    return this.#sizeAt > 0 || this.#size !== NOT_KNOWN;
  }

  /** Whether the next frame has not been admitted yet. */
  get isHeldUp(): boolean {
    return this.#size !== NOT_KNOWN && !this.#isAdmitted;
  }

  /** Bytes admitted for a frame that is not there yet. */
  get admittedBytes(): number {
    return this.#isAdmitted ? this.#size : 0;
  }

  /** Takes the next bytes; those before must have been taken up: `next` answered undefined. */
  push(bytes: Buffer): void {
    this.#piece = this.#at < this.#piece.length ? Buffer.concat([this.#rest(), bytes]) : bytes;
    this.#at = 0;
  }

  /**
   * The next whole frame without its size; undefined when more bytes, or admission, are waited
   * for. Throws INVALID_REQUEST for a size that no frame has.
   */
  next(): Buffer | undefined {
    if (this.#size === NOT_KNOWN && !this.#readSize()) return undefined;
    this.#isAdmitted ||= this.#bounds.admit(this.#size);
    if (!this.#isAdmitted) return undefined;
    const size = this.#size;
    if (this.#frame === undefined && this.#piece.length - this.#at >= size) {
      const whole = this.#piece.subarray(this.#at, this.#at + size);
      this.#at += size;
      this.#begin();
      return whole;
    }
    const frame = (this.#frame ??= Buffer.allocUnsafeSlow(size));
    const copied = this.#piece.copy(frame, this.#frameAt, this.#at);
    this.#at += copied;
    this.#frameAt += copied;
    if (this.#frameAt < size) return undefined;
    this.#begin();
    return frame;
  }

  #begin(): void {
    this.#size = NOT_KNOWN;
    this.#isAdmitted = false;
    this.#sizeAt = 0;
    this.#frame = undefined;
    this.#frameAt = 0;
    // Nothing is kept alive by a connection that idles.
    if (this.#at === this.#piece.length) this.#piece = EMPTY;
    if (this.#piece === EMPTY) this.#at = 0;
  }

  #readSize(): boolean {
    const copied = this.#piece.copy(this.#sizeBytes, this.#sizeAt, this.#at);
    this.#at += copied;
    this.#sizeAt += copied;
    if (this.#sizeAt < SIZE_BYTES) return false;
    const size = this.#sizeBytes.readInt32BE();
    const { bytesMax } = this.#bounds;
    if (size < 1 || size > bytesMax) throw sizeFault(size, bytesMax);
    this.#size = size;
    return true;
  }

  #rest(): Buffer {
    return this.#piece.subarray(this.#at);
  }
}

function sizeFault(size: number, bytesMax: number): Error {
  const expected = `1 to ${bytesMax} bytes`;
  const greeting = foreignGreeting(size);
  const found = greeting === undefined ? String(size) : `another protocol: ${greeting}`;
  return faultError('INVALID_REQUEST', { field: 'size of a request', expected, found });
}

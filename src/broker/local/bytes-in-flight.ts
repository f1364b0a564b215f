/** Bounds the bytes of produce requests taken and not yet answered. Overload answers early. */
import { MillraceError } from '../../model/errors.ts';

export class BytesInFlight {
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Throws THROTTLING_QUOTA_EXCEEDED. A request alone passes whatever its size: faces bound that. */
  take(bytes: number): void {
    if (this.#bytes > 0 && this.#bytes + bytes > this.#bytesMax) {
      throw new MillraceError(
        'THROTTLING_QUOTA_EXCEEDED',
        `${this.#bytes} bytes are waiting to be written; with ${bytes} more it would exceed ${this.#bytesMax}`,
        {
          retriable: true,
          written: 'no',
          details: { in_flight_bytes: this.#bytes, received: bytes, allowed: this.#bytesMax },
        },
      );
    }
    this.#bytes += bytes;
  }

  give(bytes: number): void {
    this.#bytes -= bytes;
  }
}

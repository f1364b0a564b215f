/**
 * A position in MessagePack that `scanMsgpack` has proved: what stands there, taking it, and moving
 * over it. Nothing is checked a second time, so it must not be used on other bytes.
 *
 * Nothing is made but what is asked for: strings and binaries are taken as views of the bytes, and
 * a name is recognised without a string of it. Nothing recurses.
 */
import { readInt64 } from './bytes.ts';
import { FIELD_BYTES, readField } from './msgpack-scan.ts';

export type MsgpackKind = 'nil' | 'boolean' | 'number' | 'str' | 'bin' | 'list' | 'map';

export class MsgpackWalk {
  readonly #bytes: Buffer;
  /** Of the value that comes next; set it to go back to one. */
  at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get kind(): MsgpackKind {
    const type = this.#bytes[this.at] as number;
    if (type < 0x80 || type >= 0xe0) return 'number';
    if (type < 0xa0) return type < 0x90 ? 'map' : 'list';
    if (type < 0xc0) return 'str';
    if (type < 0xc4) return type === 0xc0 ? 'nil' : 'boolean';
    if (type < 0xc7) return 'bin';
    if (type < 0xd9) return 'number';
    if (type < 0xdc) return 'str';
    return type < 0xde ? 'list' : 'map';
  }

  /** Enters an array or a map: how many elements, or names with their values, come next. */
  takeCount(): number {
    const type = this.#bytes[this.at] as number;
    if (type < 0xa0) {
      this.at++;
      return type & 15;
    }
    return this.#takeField(type);
  }

  /** The bytes of a str or bin: a view, never a copy. */
  takeBytes(): Buffer {
    const length = this.#takeLength();
    const start = this.at;
    this.at = start + length;
    return this.#bytes.subarray(start, this.at);
  }

  /** A str as text, with a byte order mark where it was sent with one. */
  takeText(): string {
    const length = this.#takeLength();
    const start = this.at;
    this.at = start + length;
    return this.#bytes.toString('utf8', start, this.at);
  }

  /** Takes a str; which one of these names, all of ASCII characters, it is: -1 for none of them. */
  takeName(names: readonly string[]): number {
    const length = this.#takeLength();
    const start = this.at;
    this.at = start + length;
    for (let index = 0; index < names.length; index++) {
      const name = names[index] as string;
      if (name.length === length && this.#isAt(start, name)) return index;
    }
    return -1;
  }

  takeNumber(): number {
    const bytes = this.#bytes;
    const type = bytes[this.at] as number;
    const at = this.at + 1;
    if (type < 0x80 || type >= 0xe0) {
      this.at = at;
      return type < 0x80 ? type : type - 0x100;
    }
    this.at = at + (FIELD_BYTES[type - 0xc0] as number);
    switch (type) {
      case 0xca:
        return bytes.readFloatBE(at);
      case 0xcb:
        return bytes.readDoubleBE(at);
      case 0xd0:
        return bytes.readInt8(at);
      case 0xd1:
        return bytes.readInt16BE(at);
      case 0xd2:
        return bytes.readInt32BE(at);
      // The scan lets safe integers through only, which look the same with and without a sign.
      case 0xcf:
      case 0xd3:
        return readInt64(bytes, at);
      default:
        return readField(bytes, at, this.at - at);
    }
  }

  /** Moves over a whole value, with all that stands in it. */
  skip(): void {
    const bytes = this.#bytes;
    let at = this.at;
    let left = 1;
    do {
      left--;
      const type = bytes[at++] as number;
      if (type >= 0xa0 && type < 0xc0) at += type & 31;
      else if (type >= 0x80 && type < 0x90) left += (type & 15) * 2;
      else if (type >= 0x90 && type < 0xa0) left += type & 15;
      else if (type >= 0xc0 && type < 0xe0) {
        const fieldBytes = FIELD_BYTES[type - 0xc0] as number;
        if (type >= 0xd9 || (type >= 0xc4 && type <= 0xc6)) {
          const field = readField(bytes, at, fieldBytes);
          if (type <= 0xdb) at += field;
          else left += type >= 0xde ? field * 2 : field;
        }
        at += fieldBytes;
      }
    } while (left > 0);
    this.at = at;
  }

  #isAt(start: number, name: string): boolean {
    const bytes = this.#bytes;
    let index = 0;
    while (index < name.length && bytes[start + index] === name.charCodeAt(index)) index++;
    return index === name.length;
  }

  /** The length of a str or bin; moves to its payload. */
  #takeLength(): number {
    const type = this.#bytes[this.at] as number;
    if (type < 0xc0) {
      this.at++;
      return type & 31;
    }
    return this.#takeField(type);
  }

  #takeField(type: number): number {
    const fieldBytes = FIELD_BYTES[type - 0xc0] as number;
    const field = readField(this.#bytes, this.at + 1, fieldBytes);
    this.at += 1 + fieldBytes;
    return field;
  }
}

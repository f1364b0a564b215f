/**
 * Finds the known members of one JSON object: where the value of each begins and ends. One
 * `MemberScan` serves all objects of a kind, one after the other, and allocates nothing while they
 * are as they should be. What they should not have, unknown members and members given twice, it
 * can name.
 */
import { memberFault, NameList } from '../model/name-list.ts';
import {
  BACKSLASH,
  BRACE_CLOSE,
  QUOTE,
  skipComma,
  skipName,
  skipSpace,
  skipString,
  skipValue,
} from './json-scan.ts';
import { readString } from './json-values.ts';

export class MemberScan {
  /** By the index of the name: where its value is, valid while `has` it. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;

  readonly #names: readonly string[];
  /** A bit for each name. */
  #seen = 0;
  #unknown = new NameList();
  #twice = new NameList();

  /** At most 31 names, of ASCII characters that JSON does not escape. */
  constructor(names: readonly string[]) {
    this.#names = names;
    this.starts = new Int32Array(names.length);
    this.ends = new Int32Array(names.length);
  }

  /** Whether the last object had this member. */
  has(name: number): boolean {
    return (this.#seen & (1 << name)) !== 0;
  }

  /** `at` is the object's brace, itself inside of `depth`; answers the position behind it. */
  scan(bytes: Buffer, at: number, depth: number, isPlain: boolean): number {
    this.#forget();
    at = skipSpace(bytes, at + 1);
    if (bytes[at] === BRACE_CLOSE) return at + 1;
    for (;;) {
      const nameAt = at;
      at = skipName(bytes, at, isPlain);
      const end = skipValue(bytes, at, depth + 1, isPlain);
      this.#note(bytes, nameAt, at, end);
      at = skipSpace(bytes, end);
      if (bytes[at] === BRACE_CLOSE) return at + 1;
      at = skipComma(bytes, at, '"," or "}"');
    }
  }

  /** What is wrong with the last object, to follow its name in a message. */
  get fault(): string | undefined {
    return memberFault(this.#names, this.#unknown, this.#twice);
  }

  #note(bytes: Buffer, nameAt: number, start: number, end: number): void {
    const name = this.#nameAt(bytes, nameAt);
    if (name === -1) this.#unknown.add(memberNameAt(bytes, nameAt));
    else if (this.has(name)) this.#twice.add(memberNameAt(bytes, nameAt));
    else {
      this.#seen |= 1 << name;
      this.starts[name] = start;
      this.ends[name] = end;
    }
  }

  #nameAt(bytes: Buffer, at: number): number {
    const names = this.#names;
    for (let index = 0; index < names.length; index++) {
      if (isMember(bytes, at, names[index] as string)) return index;
    }
    return -1;
  }

  #forget(): void {
    this.#seen = 0;
    if (!this.#unknown.isEmpty) this.#unknown = new NameList();
    if (!this.#twice.isEmpty) this.#twice = new NameList();
  }
}

/**
 * Whether the name whose opening quote stands at `at` says `name`, which is of ASCII letters.
 * Rarely an encoder escapes some: "va\u006cue" is the same name.
 */
export function isMember(bytes: Buffer, at: number, name: string): boolean {
  at++;
  for (let index = 0; index < name.length; index++) {
    let unit = bytes[at++];
    if (unit === BACKSLASH) {
      unit = Number.parseInt(bytes.toString('latin1', at + 1, at + 5), 16);
      at += 5;
    }
    if (unit !== name.charCodeAt(index)) return false;
  }
  return bytes[at] === QUOTE;
}

/** The decoded name whose opening quote stands at `at`, in text that was scanned. */
export function memberName(bytes: Buffer, at: number): string {
  return readString(bytes, at, skipString(bytes, at, false));
}

/** The same for a list of names. Apart, so that who calls it keeps its variables out of closures. */
export function memberNameAt(bytes: Buffer, at: number): () => string {
  return () => memberName(bytes, at);
}

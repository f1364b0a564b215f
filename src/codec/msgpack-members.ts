/**
 * Finds the known members of one MessagePack map that was scanned: where the value of each begins.
 * One `MsgpackMembers` serves all maps of a kind, one after the other, and allocates nothing while
 * they are as they should be. What they should not have, unknown members and members given twice,
 * it can name.
 */
import { quote } from '../model/names.ts';
import type { MsgpackKind, MsgpackWalk } from './msgpack-walk.ts';

/** Of the names in one message. */
const NAMES_SHOWN = 10;

export class MsgpackMembers {
  readonly #names: readonly string[];
  /** By the index of the name: where its value begins, where its bit below is set. */
  readonly #starts: Int32Array;
  /** A bit for each name. */
  #seen = 0;
  #isFaulty = false;
  /** Where the last map began. */
  #at = 0;

  /** At most 31 names, of ASCII characters. */
  constructor(names: readonly string[]) {
    this.#names = names;
    this.#starts = new Int32Array(names.length);
  }

  /** Moves over the map that comes next. */
  scan(walk: MsgpackWalk): void {
    this.#at = walk.at;
    this.#seen = 0;
    this.#isFaulty = false;
    for (let left = walk.takeCount(); left > 0; left--) {
      this.#note(walk.takeName(this.#names), walk.at);
      walk.skip();
    }
  }

  /** Moves to the value of this member of the last map; undefined when there is none. */
  moveTo(walk: MsgpackWalk, name: number): MsgpackKind | undefined {
    if ((this.#seen & (1 << name)) === 0) return undefined;
    walk.at = this.#starts[name] as number;
    return walk.kind;
  }

  /** What is wrong with the last map, to follow its name in a message. */
  fault(walk: MsgpackWalk): string | undefined {
    return this.#isFaulty ? this.#faultOf(walk) : undefined;
  }

  #note(name: number, start: number): void {
    if (name === -1 || (this.#seen & (1 << name)) !== 0) {
      this.#isFaulty = true;
    } else {
      this.#seen |= 1 << name;
      this.#starts[name] = start;
    }
  }

  /** Goes through the map again: names are made into text only when a message needs them. */
  #faultOf(walk: MsgpackWalk): string {
    const unknown = new NameList();
    const twice = new NameList();
    const end = walk.at;
    walk.at = this.#at;
    let seen = 0;
    for (let left = walk.takeCount(); left > 0; left--) {
      const nameAt = walk.at;
      const name = walk.takeName(this.#names);
      if (name === -1) unknown.add(walk, nameAt);
      else if ((seen & (1 << name)) !== 0) twice.add(walk, nameAt);
      else seen |= 1 << name;
      walk.skip();
    }
    walk.at = end;
    return [
      ...unknown.sentence('has unknown members', `; known are ${this.#names.join(', ')}`),
      ...twice.sentence('has members given twice', ''),
    ].join('; it ');
  }
}

/** The first few names for people, however many there are. */
class NameList {
  #count = 0;
  readonly #shown: string[] = [];

  /** Leaves the walk behind the name. */
  add(walk: MsgpackWalk, nameAt: number): void {
    if (this.#count++ >= NAMES_SHOWN) return;
    walk.at = nameAt;
    this.#shown.push(quote(walk.takeText()));
  }

  /** None when there are no names. */
  sentence(what: string, ending: string): string[] {
    if (this.#count === 0) return [];
    const more = this.#count - this.#shown.length;
    const rest = more > 0 ? ` and ${more} more` : '';
    return [`${what}: ${this.#shown.join(', ')}${rest}${ending}`];
  }
}

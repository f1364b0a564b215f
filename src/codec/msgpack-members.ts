/**
 * Finds the known members of one MessagePack map that was scanned: where the value of each begins.
 * One `MsgpackMembers` serves all maps of a kind, one after the other, and allocates nothing while
 * they are as they should be. What they should not have, unknown members and members given twice,
 * it can name.
 */
import { memberFault, NameList } from '../model/name-list.ts';
import type { MsgpackKind, MsgpackWalk } from './msgpack-walk.ts';

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
  #faultOf(walk: MsgpackWalk): string | undefined {
    const unknown = new NameList();
    const twice = new NameList();
    const end = walk.at;
    walk.at = this.#at;
    let seen = 0;
    for (let left = walk.takeCount(); left > 0; left--) {
      const nameAt = walk.at;
      const name = walk.takeName(this.#names);
      const spell = (): string => {
        walk.at = nameAt;
        return walk.takeText();
      };
      if (name === -1) unknown.add(spell);
      else if ((seen & (1 << name)) !== 0) twice.add(spell);
      else seen |= 1 << name;
      walk.skip();
    }
    walk.at = end;
    return memberFault(this.#names, unknown, twice);
  }
}

/** Names that a body has and should not have: the first few for people, however many there are. */
import { quote } from './names.ts';

/** Of the names in one message. */
const NAMES_SHOWN = 10;

export class NameList {
  #count = 0;
  readonly #shown: string[] = [];

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** `spell` makes the text of the name; it is asked for one that is shown only. */
  add(spell: () => string): void {
    if (this.#count++ < NAMES_SHOWN) this.#shown.push(quote(spell()));
  }

  get text(): string {
    const more = this.#count - this.#shown.length;
    return this.#shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
  }
}

/** What is wrong with an object's members, to follow its name in a message; undefined: nothing. */
export function memberFault(
  known: readonly string[],
  unknown: NameList,
  twice: NameList,
): string | undefined {
  if (unknown.isEmpty && twice.isEmpty) return undefined;
  return [
    ...(unknown.isEmpty
      ? []
      : [`has unknown members: ${unknown.text}; known are ${known.join(', ')}`]),
    ...(twice.isEmpty ? [] : [`has members given twice: ${twice.text}`]),
  ].join('; it ');
}

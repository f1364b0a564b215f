/**
 * Topic patterns, read into a tree. They are regular expressions as Java writes them, less what
 * cannot be matched in one pass over a name:
 *
 *     alternatives  sequence ("|" sequence)*
 *     sequence      (atom quantifier? | "^" | "$")*
 *     quantifier    ("*" | "+" | "?" | "{n}" | "{n,}" | "{n,m}") "?"?
 *     atom          character | "." | class | escape | "(" alternatives ")" | "(?:" alternatives ")"
 *     class         "[" "^"? (character | character "-" character | escape)+ "]"
 *     escape        "\" punctuation | \d \D \w \W \s \S
 *
 * Whether a quantifier is lazy makes no difference to whether a whole name matches. Everything
 * else that Java knows is refused by name and position, rather than taken to mean something else.
 */
import { MillraceError } from '../model/errors.ts';
import { TOPIC_PATTERN_REPEATS_MAX } from '../model/limits.ts';
import { quote } from '../model/names.ts';

export type PatternNode =
  | { readonly kind: 'character'; readonly accepts: CharacterSet }
  | { readonly kind: 'start' | 'end' }
  | { readonly kind: 'sequence' | 'choice'; readonly nodes: readonly PatternNode[] }
  /** `most` may be Infinity. */
  | {
      readonly kind: 'repeat';
      readonly node: PatternNode;
      readonly least: number;
      readonly most: number;
    };

/** By character code, 1 = accepted. Of ASCII, because topic names hold nothing else. */
export type CharacterSet = Uint8Array;

const CODES = 128;

/** Throws INVALID_REQUEST naming what is not understood, and where it stands. */
export function parsePattern(text: string): PatternNode {
  const parser = new PatternParser(text);
  return parser.whole();
}

class PatternParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): PatternNode {
    const node = this.#alternatives();
    if (this.#at < this.#text.length) throw this.#fault('a ")" that closes nothing');
    return node;
  }

  #alternatives(): PatternNode {
    const nodes = [this.#sequence()];
    while (this.#takes('|')) nodes.push(this.#sequence());
    return nodes.length === 1 ? (nodes[0] as PatternNode) : { kind: 'choice', nodes };
  }

  #sequence(): PatternNode {
    const nodes: PatternNode[] = [];
    for (;;) {
      const next = this.#text[this.#at];
      if (next === undefined || next === '|' || next === ')') break;
      if (this.#takes('^')) nodes.push({ kind: 'start' });
      else if (this.#takes('$')) nodes.push({ kind: 'end' });
      else nodes.push(this.#quantified(this.#atom()));
    }
    return { kind: 'sequence', nodes };
  }

  #quantified(node: PatternNode): PatternNode {
    const counts = this.#counts();
    if (counts === undefined) return node;
    this.#takes('?');
    if (this.#text[this.#at] === '+') throw this.#fault('a possessive quantifier');
    return { kind: 'repeat', node, ...counts };
  }

  #counts(): { least: number; most: number } | undefined {
    if (this.#takes('*')) return { least: 0, most: Infinity };
    if (this.#takes('+')) return { least: 1, most: Infinity };
    if (this.#takes('?')) return { least: 0, most: 1 };
    if (this.#text[this.#at] !== '{') return undefined;
    const found = /^\{(\d+)(,)?(\d+)?\}/.exec(this.#text.slice(this.#at));
    if (found === null || (found[2] === undefined && found[3] !== undefined)) {
      throw this.#fault('a "{" that begins no {n}, {n,} or {n,m}');
    }
    const least = Number(found[1]);
    const open = found[2] === undefined ? least : Infinity;
    const most = found[3] === undefined ? open : Number(found[3]);
    if (most < least) throw this.#fault('a repetition whose bounds are the wrong way round');
    if (Math.max(least, most === Infinity ? 0 : most) > TOPIC_PATTERN_REPEATS_MAX) {
      throw this.#fault(`a repetition of more than ${TOPIC_PATTERN_REPEATS_MAX} times`);
    }
    this.#at += found[0].length;
    return { least, most };
  }

  #atom(): PatternNode {
    if (this.#takes('(')) return this.#group();
    if (this.#takes('[')) return { kind: 'character', accepts: this.#class() };
    if (this.#takes('.')) return { kind: 'character', accepts: setOf(() => true) };
    const next = this.#text[this.#at] as string;
    if ('*+?{'.includes(next)) throw this.#fault(`a ${quote(next)} with nothing to repeat`);
    return { kind: 'character', accepts: this.#character() };
  }

  #group(): PatternNode {
    const start = this.#at - 1;
    if (this.#text[this.#at] === '?' && !this.#takes('?:')) {
      throw this.#fault('a group that is not plain (lookaround, a name or flags)', start);
    }
    const node = this.#alternatives();
    if (!this.#takes(')')) throw this.#fault('a "(" that is not closed', start);
    return node;
  }

  /** Behind its `[`. */
  #class(): CharacterSet {
    const start = this.#at - 1;
    const isNegated = this.#takes('^');
    const accepts = setOf(() => false);
    for (let isEmpty = true; isEmpty || this.#text[this.#at] !== ']'; isEmpty = false) {
      const next = this.#text[this.#at];
      if (next === undefined) throw this.#fault('a "[" that is not closed', start);
      if (next === ']') throw this.#fault('an empty class', start);
      if (next === '[') throw this.#fault('a class in a class');
      if (this.#text.startsWith('&&', this.#at)) throw this.#fault('an intersection of classes');
      for (const [code, isIn] of this.#classItem().entries()) if (isIn === 1) accepts[code] = 1;
    }
    this.#at += 1;
    return isNegated ? setOf((code) => accepts[code] === 0) : accepts;
  }

  #classItem(): CharacterSet {
    const start = this.#at;
    const first = this.#character();
    const hyphen = this.#text[this.#at];
    const behind = this.#text[this.#at + 1];
    if (hyphen !== '-' || behind === ']' || behind === undefined) return first;
    this.#at += 1;
    if (this.#text[this.#at] === '[') throw this.#fault('a class in a class');
    const last = this.#character();
    const [from, to] = [onlyCode(first), onlyCode(last)];
    if (from === undefined || to === undefined || from > to) {
      throw this.#fault('a range that does not go from a character up to another', start);
    }
    return setOf((code) => code >= from && code <= to);
  }

  /** One that stands for itself, or an escape. */
  #character(): CharacterSet {
    const start = this.#at;
    const isEscape = this.#takes('\\');
    const character = this.#text[this.#at];
    if (character === undefined) throw this.#fault('a "\\" with nothing behind it', start);
    if (character < ' ' || character > '~') {
      throw this.#fault('a character that no topic name can hold', start);
    }
    this.#at += 1;
    if (!isEscape || !/[a-zA-Z0-9]/.test(character)) {
      return setOf((code) => code === character.charCodeAt(0));
    }
    const named = NAMED_SETS.get(character);
    if (named === undefined) throw this.#fault(`the escape "\\${character}"`, start);
    return named;
  }

  #takes(expected: string): boolean {
    if (!this.#text.startsWith(expected, this.#at)) return false;
    this.#at += expected.length;
    return true;
  }

  #fault(what: string, at = this.#at): MillraceError {
    return new MillraceError(
      'INVALID_REQUEST',
      `topic pattern ${quote(this.#text)} has ${what} at position ${at}; allowed are characters, ` +
        '. [a-z] \\d \\w \\s ( | ) ^ $ and the quantifiers * + ? {n,m}',
      { details: { field: 'topic_pattern', position: at } },
    );
  }
}

const NAMED_SETS: ReadonlyMap<string, CharacterSet> = new Map(
  [
    ['d', /\d/],
    ['w', /\w/],
    ['s', /\s/],
    ['D', /\D/],
    ['W', /\W/],
    ['S', /\S/],
  ].map(([letter, test]) => [
    letter as string,
    setOf((code) => (test as RegExp).test(String.fromCharCode(code))),
  ]),
);

function setOf(accepts: (code: number) => boolean): CharacterSet {
  return Uint8Array.from({ length: CODES }, (_, code) => (accepts(code) ? 1 : 0));
}

/** The one code that it accepts, if it is one. */
function onlyCode(set: CharacterSet): number | undefined {
  const code = set.indexOf(1);
  return code === set.lastIndexOf(1) && code !== -1 ? code : undefined;
}

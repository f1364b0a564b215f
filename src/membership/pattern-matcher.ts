/**
 * Runs the steps of a topic pattern over names, all possibilities side by side. The work is at most
 * the steps of the pattern times the characters of the name, whatever the pattern; as states are
 * remembered from name to name, usually it is one look-up for a character.
 */
import { TOPIC_PATTERN_STATES_MAX } from '../model/limits.ts';
import type { Step } from './pattern-program.ts';

/** All that is possible at one place of a name. */
interface State {
  /** The steps that wait for a character, ascending. */
  readonly waiting: readonly number[];
  /** Whether a name that ends here matches. */
  readonly isMatch: boolean;
  /** By the code of the next character, as far as known. */
  readonly next: (State | undefined)[];
}

export class PatternMatcher {
  readonly #steps: readonly Step[];
  readonly #start: State;
  readonly #states = new Map<string, State>();

  constructor(steps: readonly Step[]) {
    this.#steps = steps;
    this.#start = this.#stateOf([0], true);
  }

  /** The whole name. */
  matches(name: string): boolean {
    let state = this.#start;
    for (let at = 0; at < name.length; at += 1) {
      if (state.waiting.length === 0) return false;
      state = this.#behind(state, name.charCodeAt(at));
    }
    return state.isMatch;
  }

  #behind(state: State, code: number): State {
    const known = state.next[code];
    if (known !== undefined) return known;
    const reached: number[] = [];
    for (const index of state.waiting) {
      const step = this.#steps[index] as Step & { kind: 'character' };
      if (step.accepts[code] === 1) reached.push(index + 1);
    }
    const next = this.#stateOf(reached, false);
    // Characters beyond stand in no topic name. And what is not remembered must not be reached
    // from what is: that would be to remember it.
    if (code >= 128 || this.#states.size >= TOPIC_PATTERN_STATES_MAX) return next;
    const key = `${next.isMatch} ${next.waiting.join(' ')}`;
    const same = this.#states.get(key) ?? next;
    this.#states.set(key, same);
    state.next[code] = same;
    return same;
  }

  /** Follows all ways from `from` that take no character. */
  #stateOf(from: readonly number[], isStart: boolean): State {
    const isReached = new Uint8Array(this.#steps.length);
    const waiting: number[] = [];
    const ends: number[] = [];
    const reach = (open: number[], isEnd: boolean): boolean => {
      let isMatch = false;
      for (let index = open.pop(); index !== undefined; index = open.pop()) {
        if (isReached[index] === 1) continue;
        isReached[index] = 1;
        const step = this.#steps[index] as Step;
        if (step.kind === 'character') waiting.push(index);
        else if (step.kind === 'match') isMatch = true;
        else if (step.kind === 'fork') open.push(step.first, step.second);
        else if (step.kind === 'start' ? isStart : isEnd) open.push(index + 1);
        else if (step.kind === 'end') ends.push(index + 1);
      }
      return isMatch;
    };
    let isMatch = reach([...from], false);
    const count = waiting.length;
    // What lies behind a "$" counts only if the name ends here.
    if (reach(ends, true)) isMatch = true;
    waiting.length = count;
    return { waiting: waiting.sort((a, b) => a - b), isMatch, next: [] };
  }
}

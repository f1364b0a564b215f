/**
 * What a history says about committed offsets. Each partition of each group is a register: what is
 * read must be the last value written, or one of those on their way; and once a value was read, what
 * it had replaced never comes back.
 */
import { aboutGroup, aboutPlace } from './history.ts';
import type { Answer, Ask, Operation, Place } from './history.ts';
import type { Report, Rules } from './history-checker.ts';

interface Write {
  /** undefined: forgotten, with its group. */
  readonly value: string | undefined;
  readonly began: number;
  /** When it had its effect at the latest; unknown while it may still have it. */
  ended: number;
  state: 'open' | 'acknowledged' | 'refused';
  readonly life: number;
  /** A read has shown that it was replaced. */
  isReplaced: boolean;
}

interface Register {
  readonly writes: Write[];
  /** What the read that ended last has shown. */
  shown: { readonly write: Write; readonly at: number } | undefined;
}

type Commit = Extract<Ask, { kind: 'commit' }>;

const NEVER_WRITTEN = { value: undefined, began: 0, ended: 0, state: 'acknowledged' } as const;

export class CommitRules implements Rules {
  readonly #report: Report;
  readonly #groups = new Map<string, Map<string, Register>>();
  /** What each operation that writes has on its way, or may have, in its order. */
  readonly #writes = new Map<Operation, Write[]>();

  constructor(report: Report) {
    this.#report = report;
  }

  began(operation: Operation): void {
    const { ask } = operation;
    if (ask.kind === 'commit') {
      const writes = ask.offsets.map(({ place, value }) =>
        addWrite(this.#register(ask.group, place), operation, value),
      );
      this.#writes.set(operation, writes);
    } else if (ask.kind === 'delete group') {
      const registers = [...(this.#groups.get(ask.group)?.values() ?? [])];
      const writes = registers.map((register) => addWrite(register, operation, undefined));
      this.#writes.set(operation, writes);
    }
  }

  ended(operation: Operation, answer: Answer): void {
    const { ask } = operation;
    if (ask.kind === 'commit') this.#committed(operation, ask, answer);
    else if (ask.kind === 'delete group') {
      for (const each of this.#writes.get(operation) ?? []) settle(each, operation, answer);
    } else if (ask.kind === 'fetch offsets' && answer.kind === 'offsets') {
      for (const { place, value } of answer.places) this.#read(operation, ask.group, place, value);
    }
    const writes = this.#writes.get(operation) ?? [];
    if (writes.every(({ state }) => state !== 'open')) this.#writes.delete(operation);
  }

  /** What had no answer has had its effect by now, or never will. */
  lifeEnded(at: number): void {
    for (const writes of this.#writes.values()) {
      for (const each of writes) each.ended = Math.min(each.ended, at);
    }
    this.#writes.clear();
  }

  #committed(operation: Operation, { group }: Commit, answer: Answer): void {
    for (const [index, each] of (this.#writes.get(operation) ?? []).entries()) {
      if (answer.kind !== 'committed') settle(each, operation, answer);
      else if (answer.refusals[index] === undefined) settle(each, operation, { kind: 'done' });
      else each.state = 'refused';
      if (each.state === 'refused' && this.#isShown(group, each)) {
        this.#report('zombie commit', aboutGroup(group), `${each.value} was refused after a read`);
      }
    }
  }

  #isShown(group: string, one: Write): boolean {
    const registers = [...(this.#groups.get(group)?.values() ?? [])];
    return registers.some(({ shown }) => shown?.write === one);
  }

  #read(operation: Operation, group: string, place: Place, value: string | undefined): void {
    const about = aboutGroup(group);
    const at = aboutPlace(place);
    const register = this.#register(group, place);
    const candidates = register.writes.filter((each) => each.value === value);
    const open = candidates.filter(({ state }) => state !== 'refused');
    const shown = open.find((each) => !isOver(register, each, operation.began)) ?? open[0];
    if (shown === undefined) {
      const why = candidates.length > 0 ? 'was refused' : 'was committed by nobody';
      this.#report('zombie commit', about, `${at} is ${value}, which ${why}`);
      return;
    }
    const later = laterThan(register, shown, operation.began);
    if (shown.isReplaced && shown.value !== undefined) {
      this.#report('commit went back', about, `${at} is ${value} again`);
    } else if (later !== undefined) {
      const isForgotten = later.value === undefined;
      const isLater = later.life === operation.life;
      const kind = isForgotten ? 'zombie commit' : isLater ? 'stale' : 'lost commit';
      this.#report(kind, about, `${at} is ${value} and was ${later.value} later`);
    }
    this.#show(register, shown, operation);
  }

  /** From now on it counts as acknowledged, and what an earlier read has shown as replaced. */
  #show(register: Register, read: Write, { began, ended = Infinity }: Operation): void {
    const before = register.shown;
    if (before !== undefined && before.write !== read && before.at < began) {
      before.write.isReplaced = true;
    }
    read.state = 'acknowledged';
    read.ended = Math.min(read.ended, ended);
    register.shown = { write: read, at: ended };
  }

  #register(group: string, place: Place): Register {
    let registers = this.#groups.get(group);
    if (registers === undefined) this.#groups.set(group, (registers = new Map<string, Register>()));
    const about = aboutPlace(place);
    let register = registers.get(about);
    if (register === undefined) {
      register = { writes: [{ ...NEVER_WRITTEN, life: 0, isReplaced: false }], shown: undefined };
      registers.set(about, register);
      for (const [operation, writes] of this.#writes) {
        const { ask } = operation;
        const isDeletion = ask.kind === 'delete group' && ask.group === group;
        if (isDeletion) writes.push(addWrite(register, operation, undefined));
      }
    }
    return register;
  }
}

function addWrite(
  register: Register,
  { began, life }: Operation,
  value: string | undefined,
): Write {
  const made: Write = { value, began, ended: Infinity, state: 'open', life, isReplaced: false };
  register.writes.push(made);
  return made;
}

/** What is unknown stays open until the life ends. */
function settle(write: Write, { ended = Infinity }: Operation, answer: Answer): void {
  if (answer.kind === 'done') {
    write.state = 'acknowledged';
    write.ended = Math.min(write.ended, ended);
  } else if (answer.kind === 'refused' && answer.written !== 'unknown') write.state = 'refused';
}

function isOver(register: Register, write: Write, began: number): boolean {
  return laterThan(register, write, began) !== undefined || write.isReplaced;
}

/** A write that began when this one was over, and was over itself when the read began. */
function laterThan(register: Register, { ended }: Write, readBegan: number): Write | undefined {
  return register.writes.find(
    (each) => each.state === 'acknowledged' && each.began > ended && each.ended < readBegan,
  );
}

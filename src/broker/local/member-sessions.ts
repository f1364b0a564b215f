/**
 * How long the members of one group live without a sign of life, by the monotonic clock, and who
 * is held meanwhile.
 *
 * A sign of life only moves a deadline: the timer that runs looks again when it fires, so that
 * members who come often cost no timers. A held member has no deadline, and the timer that ran when
 * it was held fires once at the most.
 */
import type { CancelTimer, Clock } from '../../model/clock.ts';

interface Session {
  timeoutMs: number;
  deadlineMs: number;
  readonly holds: Set<Hold>;
  timer: { readonly atMs: number; readonly cancel: CancelTimer } | undefined;
}

interface Hold {
  readonly ended: () => void;
}

export class MemberSessions {
  readonly #clock: Clock;
  readonly #over: (memberId: string) => void;
  readonly #sessions = new Map<string, Session>();

  /** `over` is called when a member's time has passed. It stays known until it is removed. */
  constructor(clock: Clock, over: (memberId: string) => void) {
    this.#clock = clock;
    this.#over = over;
  }

  /** Begins, or begins afresh. */
  start(memberId: string, timeoutMs: number): void {
    let session = this.#sessions.get(memberId);
    if (session === undefined) {
      session = { timeoutMs, deadlineMs: 0, holds: new Set(), timer: undefined };
      this.#sessions.set(memberId, session);
    }
    session.timeoutMs = timeoutMs;
    this.#renew(memberId, session);
  }

  /** A sign of life. Of whom nothing is known, there is nothing to prolong. */
  touch(memberId: string): void {
    const session = this.#sessions.get(memberId);
    if (session !== undefined) this.#renew(memberId, session);
  }

  /** A sign of life until the returned function is called. `ended`: see `endHolds`. */
  hold(memberId: string, ended: () => void): () => void {
    const session = this.#sessions.get(memberId);
    if (session === undefined) return () => {};
    const hold = { ended };
    session.holds.add(hold);
    return () => {
      if (session.holds.delete(hold)) this.#renew(memberId, session);
    };
  }

  /** Answers the `ended` of each hold of this member, to be called when all else is done. */
  remove(memberId: string): (() => void)[] {
    const session = this.#sessions.get(memberId);
    if (session === undefined) return [];
    session.timer?.cancel();
    this.#sessions.delete(memberId);
    return taken(session);
  }

  /** Likewise of all members, whose times begin afresh. */
  endHolds(): (() => void)[] {
    const ended: (() => void)[] = [];
    for (const [memberId, session] of this.#sessions) {
      if (session.holds.size === 0) continue;
      ended.push(...taken(session));
      this.#renew(memberId, session);
    }
    return ended;
  }

  close(): (() => void)[] {
    return [...this.#sessions.keys()].flatMap((memberId) => this.remove(memberId));
  }

  #renew(memberId: string, session: Session): void {
    const nowMs = this.#clock.monotonicMs();
    session.deadlineMs = nowMs + session.timeoutMs;
    const { timer } = session;
    if (timer !== undefined && timer.atMs <= session.deadlineMs) return;
    timer?.cancel();
    session.timer = undefined;
    if (session.holds.size === 0) this.#setTimer(memberId, session);
  }

  #setTimer(memberId: string, session: Session): void {
    const delayMs = session.deadlineMs - this.#clock.monotonicMs();
    const cancel = this.#clock.after(delayMs, () => this.#look(memberId, session));
    session.timer = { atMs: session.deadlineMs, cancel };
  }

  #look(memberId: string, session: Session): void {
    session.timer = undefined;
    if (session.holds.size > 0) return;
    // A real timer may come a moment early.
    if (session.deadlineMs > this.#clock.monotonicMs()) this.#setTimer(memberId, session);
    else this.#over(memberId);
  }
}

function taken({ holds }: Session): (() => void)[] {
  const ended = Array.from(holds, (hold) => hold.ended);
  holds.clear();
  return ended;
}

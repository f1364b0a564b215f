/**
 * Makes a failing plan smaller: leaves out lives, then steps in ever smaller parts, then troubles,
 * as long as it still fails. Not the smallest there is, but one in which nothing is idle.
 */
import type { Life, Plan } from './broker-plan.ts';

/** Runs that it may take: a failing test should not be silent for minutes. */
const TRIES_MAX = 400;

type Fails = (plan: Plan) => Promise<boolean>;

export async function smallerPlan(plan: Plan, fails: Fails): Promise<Plan> {
  const shrinking = new Shrinking(plan, fails);
  for (let before: Plan | undefined; before !== shrinking.plan;) {
    before = shrinking.plan;
    await shrinking.leaveOutLives();
    await shrinking.leaveOutSteps();
    await shrinking.leaveOutTroubles();
  }
  return shrinking.plan;
}

class Shrinking {
  plan: Plan;
  readonly #fails: Fails;
  #tries = 0;

  constructor(plan: Plan, fails: Fails) {
    this.plan = plan;
    this.#fails = fails;
  }

  async leaveOutLives(): Promise<void> {
    for (let at = this.plan.lives.length - 1; at >= 0; at -= 1) {
      await this.#try(this.plan.lives.toSpliced(at, 1));
    }
  }

  async leaveOutSteps(): Promise<void> {
    for (let at = 0; at < this.plan.lives.length; at += 1) {
      const count = (): number => this.#life(at).steps.length;
      for (let part = count(); part >= 1; part = part >> 1) {
        for (let from = 0; from < count();) {
          const steps = this.#life(at).steps.toSpliced(from, part);
          if (!(await this.#tryLife(at, { steps }))) from += part;
        }
      }
    }
  }

  async leaveOutTroubles(): Promise<void> {
    for (let at = 0; at < this.plan.lives.length; at += 1) {
      const { fault, hangAt, looks } = this.#life(at);
      if (fault !== undefined) await this.#tryLife(at, { fault: undefined });
      if (hangAt !== undefined) await this.#tryLife(at, { hangAt: undefined });
      if (looks) await this.#tryLife(at, { looks: false });
    }
  }

  #life(at: number): Life {
    return this.plan.lives[at] as Life;
  }

  #tryLife(at: number, change: Partial<Life>): Promise<boolean> {
    return this.#try(this.plan.lives.with(at, { ...this.#life(at), ...change }));
  }

  async #try(lives: readonly Life[]): Promise<boolean> {
    if (this.#tries >= TRIES_MAX) return false;
    this.#tries += 1;
    const candidate = { ...this.plan, lives };
    if (!(await this.#fails(candidate))) return false;
    this.plan = candidate;
    return true;
  }
}

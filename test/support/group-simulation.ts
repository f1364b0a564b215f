/**
 * One random history of a group and what must hold in it. Members join, work, leave, die, fall
 * asleep and come back; partitions are added; storing is slow or fails; the server restarts. Then
 * nothing more happens but time, and the members that live must all be at work.
 */
import assert from 'node:assert';
import { diskFull, PlayedGroup } from './played-group.ts';
import type { SeededRandom } from './seeded-random.ts';
import { SimulatedMember } from './simulated-member.ts';

const REBALANCE_MS_MAX = 20_000;
const SESSION_MS_MAX = 10_000;
const STORE_MS_MAX = 3_000;
const MEMBERS_MAX = 6;
/** How often a member that lives does something. */
const STEP_MS = 500;

export interface SimulationOptions {
  readonly events: number;
  /** A coordinator that takes commits of any generation: the simulation must notice. */
  readonly takesOldCommits?: boolean;
  /** One whose store keeps nothing. */
  readonly storesNothing?: boolean;
}

export class GroupSimulation {
  partitions = 3;
  readonly #random: SeededRandom;
  readonly #options: SimulationOptions;
  readonly #group: PlayedGroup;
  readonly #members: SimulatedMember[] = [];
  /** By generation and partition. */
  readonly #owners = new Map<string, string>();
  #newestGeneration = 0;
  #instances = 0;
  #storesHeldSinceMs = 0;

  constructor(random: SeededRandom, options: SimulationOptions) {
    this.#random = random;
    this.#options = options;
    this.#group = new PlayedGroup(random.chance(0.2) ? 1_000 : 0);
    this.#group.storesNothing = options.storesNothing ?? false;
    this.#group.onAnswer = (answer) => {
      if (answer.kind === 'synced') this.#synced(Buffer.from(answer.result.assignment).toString());
    };
  }

  /** Throws when something does not hold. */
  run(): void {
    for (let event = 0; event < this.#options.events; event += 1) {
      this.#happen();
      this.#pass();
    }
    this.#calmDown();
  }

  /** A member is told what it owns. */
  #synced(text: string): void {
    const { generation, durable } = this.#group;
    const [assignedIn, identity = '', , ...partitions] = text.split(' ');
    assert.equal(Number(assignedIn), generation, 'an assignment of another generation was told');
    assert(generation >= this.#newestGeneration, 'a generation has come back');
    this.#newestGeneration = generation;
    for (const partition of partitions) {
      const place = `${generation} ${partition}`;
      const owner = this.#owners.get(place) ?? identity;
      assert.equal(identity, owner, `partition ${partition} has two owners in ${generation}`);
      this.#owners.set(place, identity);
    }
    const stored = durable?.members.some(({ assignment }) =>
      Buffer.from(assignment).equals(Buffer.from(text)),
    );
    assert(durable?.generation === generation && stored, 'what was told is not stored');
  }

  #happen(): void {
    const random = this.#random;
    const living = this.#members.filter(({ isDead }) => !isDead);
    const someone = living.length === 0 ? undefined : random.pick(living);
    switch (random.below(13)) {
      case 0:
      case 1:
      case 2:
        return this.#begin();
      case 3:
        return someone?.leave();
      case 4:
        return someone?.crash(random.chance(0.5));
      case 5:
        if (someone !== undefined) someone.sleepsUntilMs = this.#group.nowMs + random.below(15_000);
        return;
      case 6:
      case 7:
        for (const member of this.#members) this.#commit(member);
        return;
      case 8:
        return someone?.join();
      case 9:
        this.partitions += 1;
        return;
      case 10:
        return this.#trouble();
      case 11:
        return this.#comeBack();
      case 12:
        if (someone !== undefined) someone.busyUntilMs = this.#group.nowMs + random.below(60_000);
    }
  }

  #begin(groupInstanceId?: string): void {
    const random = this.#random;
    if (this.#members.filter(({ isDead }) => !isDead).length >= MEMBERS_MAX) return;
    if (groupInstanceId === undefined && random.chance(0.3)) {
      this.#instances += 1;
      groupInstanceId = `instance-${this.#instances}`;
    }
    const member = new SimulatedMember(this.#group, this, {
      groupInstanceId,
      requiresMemberId: random.chance(0.5),
      sessionTimeoutMs: random.between(4_000, SESSION_MS_MAX),
      rebalanceTimeoutMs: random.between(2_000, REBALANCE_MS_MAX),
    });
    this.#members.push(member);
    member.act();
  }

  /** A process with the instance id of another, which may be alive and does not know. */
  #comeBack(): void {
    const known = this.#members.filter(({ wishes }) => wishes.groupInstanceId !== undefined);
    if (known.length > 0) this.#begin(this.#random.pick(known).wishes.groupInstanceId);
  }

  #trouble(): void {
    const random = this.#random;
    if (random.chance(0.3)) {
      this.#group.restart();
      for (const member of this.#members) member.connectionLost();
    } else if (this.#group.stores.length > 0) this.#group.store(diskFull());
    else {
      this.#group.holdStores = true;
      this.#storesHeldSinceMs = this.#group.nowMs;
    }
  }

  /** Anybody commits what it believes to own, the dead too: their last commit may come late. */
  #commit({ memberId, generation, wishes }: SimulatedMember): void {
    if (memberId === '' || generation < 0) return;
    const now = this.#group.generation;
    const claimed = this.#options.takesOldCommits === true ? now : generation;
    const refusal = this.#group.commit(memberId, claimed, wishes.groupInstanceId);
    if (refusal !== undefined) return;
    assert(generation >= this.#newestGeneration, `a commit of generation ${generation} was taken`);
    assert.equal(generation, now, `a commit of generation ${generation} was taken in ${now}`);
  }

  #pass(): void {
    const random = this.#random;
    const steps = random.chance(0.1) ? random.below(100) : random.below(4);
    for (let step = 0; step < steps; step += 1) {
      if (random.chance(0.3) || this.#group.nowMs - this.#storesHeldSinceMs > STORE_MS_MAX)
        this.#store();
      this.#step(() => random.chance(0.8));
    }
  }

  #store(): void {
    this.#group.holdStores = false;
    if (this.#group.stores.length > 0) this.#group.store();
  }

  #step(mayAct: () => boolean): void {
    this.#group.advance(STEP_MS);
    for (const member of this.#members) if (mayAct()) member.act();
    assert.equal(this.#group.answeredTwice.length, 0, 'answered twice');
    for (const sinceMs of this.#group.waiting.values()) {
      // What is being stored takes its time too.
      const waitedMs = this.#group.nowMs - sinceMs;
      assert(waitedMs <= REBALANCE_MS_MAX + STORE_MS_MAX, `no answer for ${waitedMs} ms`);
    }
  }

  #calmDown(): void {
    this.#store();
    for (const member of this.#members) member.sleepsUntilMs = member.busyUntilMs = 0;
    const enoughMs = 3 * (REBALANCE_MS_MAX + SESSION_MS_MAX);
    for (let passed = 0; passed < enoughMs; passed += STEP_MS) {
      this.#step(() => true);
      if (this.#isCalm()) return;
    }
    assert.fail(`the group is stuck in ${this.#group.state}`);
  }

  #isCalm(): boolean {
    const living = this.#members.filter(({ isDead }) => !isDead);
    if (living.length === 0) {
      return this.#group.state === 'Empty' && !this.#group.hasTimer;
    }
    const { state, generation } = this.#group;
    if (state !== 'Stable' || this.#group.hasTimer) return false;
    const members = new Set(this.#group.memberIds());
    const atWork = living.every(
      (each) => each.doing.kind === 'working' && each.generation === generation,
    );
    if (!atWork || living.some(({ memberId }) => !members.has(memberId))) return false;
    if (members.size !== living.length) return false;
    const isOwned = (_: unknown, partition: number) =>
      this.#owners.has(`${generation} ${partition}`);
    return Array.from({ length: this.partitions }, isOwned).every(Boolean);
  }
}

/**
 * Which groups there are: those that live, found by name or brought to life when they are needed,
 * beside those that are only kept; how many, and whether there is room for another.
 */
import { GROUPS_MAX } from '../../model/limits.ts';
import { checkGroupName } from '../../model/names.ts';
import { tooMany } from '../refusals.ts';
import type { GroupStore } from './group-store.ts';
import { LiveGroup } from './live-group.ts';
import type { LiveGroupMeans } from './live-group.ts';

export interface GroupRegistryMeans extends Omit<LiveGroupMeans, 'forget'> {
  readonly store: GroupStore;
  /** Whether the store knows all that was ever acknowledged; once it does, it always will. */
  readonly isComplete: () => boolean;
}

export class GroupRegistry {
  readonly #store: GroupStore;
  readonly #isComplete: () => boolean;
  readonly #means: LiveGroupMeans;
  readonly #live = new Map<string, LiveGroup>();
  /** How many commits of a group are on their way to the store. */
  readonly #committing = new Map<string, number>();

  /** The members that the store knows go on, and their session times begin. */
  constructor(means: GroupRegistryMeans) {
    this.#store = means.store;
    this.#isComplete = means.isComplete;
    this.#means = { ...means, forget: ({ view }) => this.#live.delete(view.group) };
    for (const { name } of this.#store.groups()) this.find(name);
  }

  /** All, whether they live or not. */
  get count(): number {
    let count = this.#store.groupCount;
    for (const [name] of this.#live) if (this.#store.group(name) === undefined) count += 1;
    for (const [name] of this.#committing) {
      if (this.#store.group(name) === undefined && !this.#live.has(name)) count += 1;
    }
    return count;
  }

  get memberCount(): number {
    let count = 0;
    for (const { view } of this.#live.values()) count += view.members.count;
    return count;
  }

  /** One with members lives, also when the store has learnt of it only since the start. */
  find(name: string): LiveGroup | undefined {
    const live = this.#live.get(name);
    // An old generation that is brought to life would stay, when a later one is read in the end.
    if (live !== undefined || !this.#isComplete()) return live;
    const members = this.#store.group(name)?.metadata?.members ?? [];
    return members.length === 0 ? undefined : this.#made(name);
  }

  /** Throws POLICY_VIOLATION when there are too many. */
  create(name: string): LiveGroup {
    this.checkNew(name);
    return this.#made(name);
  }

  /** Those that live and of which nothing is kept. */
  unstored(): LiveGroup[] {
    return [...this.#live.values()].filter(
      ({ view }) => this.#store.group(view.group) === undefined,
    );
  }

  /** Nothing is kept of it any more. It lives on if somebody has come meanwhile. */
  remove(name: string): void {
    const live = this.#live.get(name);
    if (live === undefined || live.isAwaited) return;
    live.die();
    this.#live.delete(name);
  }

  /** Throws INVALID_GROUP_ID, and POLICY_VIOLATION when the group would be one too many. */
  checkNew(name: string): void {
    checkGroupName(name);
    if (this.#store.group(name) !== undefined || this.#committing.has(name)) return;
    // A group may stand in all of them: only where that could matter is it looked at.
    const most = this.#store.groupCount + this.#live.size + this.#committing.size;
    if (most < GROUPS_MAX) return;
    const received = this.count + 1;
    if (received > GROUPS_MAX) throw tooMany('groups', { received, allowed: GROUPS_MAX });
  }

  isCommitting(name: string): boolean {
    return this.#committing.has(name);
  }

  beginCommit(name: string): void {
    this.#committing.set(name, (this.#committing.get(name) ?? 0) + 1);
  }

  endCommit(name: string): void {
    const left = (this.#committing.get(name) ?? 1) - 1;
    if (left === 0) this.#committing.delete(name);
    else this.#committing.set(name, left);
  }

  close(): void {
    for (const live of this.#live.values()) live.close();
  }

  #made(name: string): LiveGroup {
    const group = new LiveGroup(name, this.#means);
    this.#live.set(name, group);
    const metadata = this.#store.group(name)?.metadata;
    if (metadata !== undefined) group.restore(metadata);
    return group;
  }
}

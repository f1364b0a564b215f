/**
 * Forgets what is kept of groups: on request, when it has expired, when its topic is gone. Each is
 * a tombstone in the store.
 *
 * A tombstone is made of what the table shows, and must not fall on a commit that is on its way
 * and not yet shown: such groups are left for the next time.
 */
import { MillraceError } from '../../model/errors.ts';
import type { Log } from '../../model/log.ts';
import type { GroupRecord } from '../../codec/group-records.ts';
import type { TopicPartition } from '../groups.ts';
import { tombstone } from './committed-offsets.ts';
import type { FindTopic } from './committed-offsets.ts';
import type { GroupRegistry } from './group-registry.ts';
import type { GroupStore } from './group-store.ts';
import { expiredOffsets } from './offset-expiry.ts';

export interface GroupCleaningMeans {
  readonly store: GroupStore;
  readonly log: Log;
  readonly findTopic: FindTopic;
  readonly retentionMs: number;
  readonly groups: Pick<GroupRegistry, 'find' | 'isCommitting' | 'remove'>;
  readonly isStopped: () => boolean;
}

/** Tombstones that are appended at a time, so that no turn is long. */
const TOMBSTONES_AT_ONCE = 1_000;

export class GroupCleaning {
  readonly #means: GroupCleaningMeans;

  constructor(means: GroupCleaningMeans) {
    this.#means = means;
  }

  /** All of it, as one. Rejects like the store. */
  async deleteGroup(group: string): Promise<void> {
    const { store } = this.#means;
    const offsets = store.group(group)?.offsets ?? [];
    const records: GroupRecord[] = [metadataTombstone(group)];
    for (const [topic, partitions] of offsets) {
      for (const partition of partitions.keys())
        records.push(tombstone(group, { topic, partition }));
    }
    await store.append(records);
  }

  async expire(nowMs: number): Promise<void> {
    for (const stored of [...this.#means.store.groups()]) {
      if (this.#means.isStopped()) return;
      await this.#try(stored.name, () => this.#expireOf(stored.name, nowMs));
    }
  }

  /** Best effort: what is left over has expired too. */
  async topicDeleted(topic: string): Promise<void> {
    const { store, groups, findTopic } = this.#means;
    for (const { name: group } of [...store.groups()]) {
      if (this.#means.isStopped()) return;
      const partitions = store.group(group)?.offsets.get(topic);
      if (partitions === undefined || groups.isCommitting(group)) continue;
      const topicId = findTopic(topic)?.topicId;
      const gone = [...partitions].filter(([, value]) => value.topicId !== topicId);
      const places = gone.map(([partition]) => ({ topic, partition }));
      await this.#try(group, () => this.#forget(group, places));
    }
  }

  async #expireOf(group: string, nowMs: number): Promise<void> {
    const { store, findTopic, retentionMs, groups } = this.#means;
    const stored = store.group(group);
    if (stored === undefined || groups.isCommitting(group)) return;
    const live = groups.find(group);
    const hasMembers = live?.hasMembers === true;
    // That its last member had left could not be stored.
    const isMistaken = !hasMembers && (stored.metadata?.members.length ?? 0) > 0;
    if (live !== undefined && isMistaken) return live.storeEmptiness();
    const facts = { nowMs, retentionMs, hasMembers, findTopic };
    await this.#forget(group, expiredOffsets(stored, facts));
    if (groups.find(group)?.isAwaited === true || groups.isCommitting(group)) return;
    const left = store.group(group);
    if (left?.offsets.size === 0) await store.append([metadataTombstone(group)]);
    if (store.group(group) === undefined) groups.remove(group);
  }

  async #forget(group: string, places: readonly TopicPartition[]): Promise<void> {
    const { store, groups } = this.#means;
    for (
      let done = 0;
      done < places.length && !groups.isCommitting(group);
      done += TOMBSTONES_AT_ONCE
    ) {
      const some = places.slice(done, done + TOMBSTONES_AT_ONCE);
      await store.append(some.map((place) => tombstone(group, place)));
    }
  }

  async #try(group: string, task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error;
      this.#means.log.warn({ group, error }, 'old offsets could not be forgotten');
    }
  }
}

function metadataTombstone(group: string): GroupRecord {
  return { kind: 'group-metadata', group, value: null };
}

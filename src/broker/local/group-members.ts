/**
 * The members of one group: who they are, who leads, whose join or sync waits, which instance ids
 * are taken, and which member ids were given away but have not joined yet. It counts so that no
 * join has to look at all the others. What follows from a change is `group-state.ts`'s affair.
 */
import assert from 'node:assert';
import type { GroupMetadataValue } from '../../codec/group-records.ts';
import { REBALANCE_TIMEOUT_MS_MAX } from '../../model/limits.ts';
import type { GroupProtocol, JoinGroupRequest } from '../groups.ts';
import type { Ticket } from './group-effects.ts';
import { chosenProtocol, ProtocolCounts } from './group-protocols.ts';

export const NO_BYTES = new Uint8Array(0);

export interface Member {
  readonly memberId: string;
  readonly groupInstanceId: string | undefined;
  readonly clientId: string;
  readonly clientHost: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly protocols: readonly GroupProtocol[];
  readonly assignment: Uint8Array;
  /** The join, the sync that waits. */
  readonly join: Ticket | undefined;
  readonly sync: Ticket | undefined;
  /** It was told of the present generation and has not synced yet. */
  readonly owesSync: boolean;
  /** It was never told of a generation. */
  readonly isNew: boolean;
}

/** Nothing of it waits, and nothing is awaited of it. */
const IDLE = { join: undefined, sync: undefined, owesSync: false };

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

export class GroupMembers {
  /** In the order in which they joined. */
  readonly #members = new Map<string, Mutable<Member>>();
  readonly #instances = new Map<string, string>();
  readonly #promised = new Set<string>();
  readonly #protocols = new ProtocolCounts();
  #leader: string | undefined;
  #joinsWaiting = 0;
  #syncsOwed = 0;

  get count(): number {
    return this.#members.size;
  }

  /** Ids that were given away. */
  get promisedCount(): number {
    return this.#promised.size;
  }

  /** The first that joined, as long as it is there. */
  get leader(): string | undefined {
    return this.#leader;
  }

  get haveAllSynced(): boolean {
    return this.#syncsOwed === 0;
  }

  /** Also those who were promised their place. */
  get haveAllJoined(): boolean {
    return this.#joinsWaiting === this.#members.size && this.#promised.size === 0;
  }

  /** How long a rebalance waits: as long as the most patient of them. */
  get rebalanceTimeoutMs(): number {
    let longestMs = 0;
    for (const member of this.#members.values()) {
      longestMs = Math.max(longestMs, member.rebalanceTimeoutMs);
    }
    return longestMs;
  }

  all(): Iterable<Member> {
    return this.#members.values();
  }

  get(memberId: string): Member | undefined {
    return this.#members.get(memberId);
  }

  /** The member that has the instance id. */
  instance(groupInstanceId: string): Member | undefined {
    const memberId = this.#instances.get(groupInstanceId);
    return memberId === undefined ? undefined : this.#members.get(memberId);
  }

  isPromised(memberId: string): boolean {
    return this.#promised.has(memberId);
  }

  promise(memberId: string): void {
    this.#promised.add(memberId);
  }

  /** Says whether it was promised. */
  breakPromise(memberId: string): boolean {
    return this.#promised.delete(memberId);
  }

  add(memberId: string, request: JoinGroupRequest, join: Ticket | undefined): Member {
    const { groupInstanceId, clientId, clientHost } = request;
    const who = { memberId, groupInstanceId, clientId, clientHost };
    const fresh = { ...IDLE, assignment: NO_BYTES, isNew: true };
    const member = this.#put({ ...who, ...wishesOf(request), ...fresh });
    this.setJoin(member, join);
    return member;
  }

  /** As the log knows it: the protocols that were not chosen are forgotten. */
  restore({ protocol, members, leader }: GroupMetadataValue): void {
    for (const { groupInstanceId, subscription, ...rest } of members) {
      this.#put({
        ...rest,
        groupInstanceId: groupInstanceId ?? undefined,
        protocols: [{ name: protocol ?? '', metadata: subscription }],
        ...IDLE,
        isNew: false,
      });
    }
    if (leader !== null && this.#members.has(leader)) this.#leader = leader;
  }

  /** What a member that joins again wants. */
  update({ memberId }: Member, request: JoinGroupRequest): void {
    const member = this.#known(memberId);
    this.#protocols.remove(member);
    Object.assign(member, wishesOf(request));
    this.#protocols.add(member);
  }

  /** A static member under a new id: it keeps its assignment, and the lead. */
  rename({ memberId: oldId }: Member, newId: string, request: JoinGroupRequest): Member {
    const old = this.#known(oldId);
    const isLeader = this.#leader === oldId;
    const { clientId, clientHost } = request;
    this.remove(old);
    const who = { ...old, memberId: newId, clientId, clientHost, ...wishesOf(request) };
    const member = this.#put({ ...who, ...IDLE });
    if (isLeader) this.#leader = newId;
    return member;
  }

  remove({ memberId }: Member): void {
    const member = this.#known(memberId);
    this.setJoin(member, undefined);
    this.setOwesSync(member, false);
    this.#members.delete(memberId);
    this.#protocols.remove(member);
    if (member.groupInstanceId !== undefined) this.#instances.delete(member.groupInstanceId);
    if (this.#leader === memberId) [this.#leader] = this.#members.keys();
  }

  setJoin({ memberId }: Member, ticket: Ticket | undefined): void {
    const member = this.#known(memberId);
    if (member.join !== undefined) this.#joinsWaiting -= 1;
    if (ticket !== undefined) this.#joinsWaiting += 1;
    member.join = ticket;
  }

  setSync({ memberId }: Member, ticket: Ticket | undefined): void {
    this.#known(memberId).sync = ticket;
  }

  setOwesSync({ memberId }: Member, owesSync: boolean): void {
    const member = this.#known(memberId);
    this.#syncsOwed += Number(owesSync) - Number(member.owesSync);
    member.owesSync = owesSync;
  }

  /** It was told of the present generation. */
  setTold({ memberId }: Member): void {
    this.#known(memberId).isNew = false;
  }

  setAssignment({ memberId }: Member, assignment: Uint8Array): void {
    this.#known(memberId).assignment = assignment;
  }

  /** Whether all could agree if `member`, or a newcomer, offered these. */
  couldAgree(protocols: readonly GroupProtocol[], member?: Member): boolean {
    return this.#protocols.agree(protocols, this.count, member);
  }

  /** All that any of them offers. */
  protocolNames(): string[] {
    return this.#protocols.names();
  }

  /** What they agree on; with other protocols of one of them, if given. */
  chosenProtocol(instead?: { readonly of: Member; readonly protocols: readonly GroupProtocol[] }) {
    const voters = [...this.#members.values()];
    if (instead === undefined) return chosenProtocol(voters, this.#protocols.common(this.count));
    const { of, protocols } = instead;
    const common = protocols.filter((each) => this.couldAgree([each], of)).map(({ name }) => name);
    return chosenProtocol(
      voters.map((each) => (each.memberId === of.memberId ? { protocols } : each)),
      common,
    );
  }

  #put(member: Mutable<Member>): Member {
    const { memberId, groupInstanceId } = member;
    assert(!this.#members.has(memberId), 'a member is added twice');
    this.#promised.delete(memberId);
    this.#members.set(memberId, member);
    this.#protocols.add(member);
    if (groupInstanceId !== undefined) this.#instances.set(groupInstanceId, memberId);
    this.#leader ??= memberId;
    return member;
  }

  #known(memberId: string): Mutable<Member> {
    const member = this.#members.get(memberId);
    assert(member !== undefined, 'not a member of this group');
    return member;
  }
}

/** The bytes are the member's own: a request's may lie in a buffer of many requests. */
function wishesOf({ sessionTimeoutMs, rebalanceTimeoutMs, protocols }: JoinGroupRequest) {
  return {
    sessionTimeoutMs,
    // Kafka clients ask for 24 days and more, and mean "long".
    rebalanceTimeoutMs: Math.min(Math.max(rebalanceTimeoutMs, 0), REBALANCE_TIMEOUT_MS_MAX),
    protocols: protocols.map(({ name, metadata }) => ({
      name,
      metadata: new Uint8Array(metadata),
    })),
  };
}

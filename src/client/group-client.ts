/**
 * The routes of consumer groups, one method each; the shapes are the server's own JSON.
 *
 * Every method rejects like those of `Client`, and with MillraceError for a name that cannot be
 * that of a group.
 */
import { checkGroupName } from '../model/names.ts';
import type {
  CommittedOffset,
  GroupAnswer,
  GroupListing,
  GroupRecord,
  JoinWish,
  LagAnswer,
  MemberBatch,
  MembershipAnswer,
  OffsetJump,
  ReadWish,
  ResetAnswer,
  ResetWish,
} from './group-answers.ts';
import type { Call } from './http-call.ts';
import { callServer, parseAnswer } from './http-call.ts';
import { elementTexts } from './json-elements.ts';
import { notMillrace } from './server-error.ts';

/** A member of a group, as its calls name it. */
export interface MemberName {
  readonly group: string;
  readonly memberId: string;
}

export class GroupClient {
  readonly #base: string;
  readonly #signal: AbortSignal;

  /** `signal` ends every call but a commit and a leave: they are how one ends well. */
  constructor(base: string, signal: AbortSignal) {
    this.#base = base;
    this.#signal = signal;
  }

  async list(): Promise<readonly GroupListing[]> {
    const { groups } = await this.#ask<{ groups: readonly GroupListing[] }>('GET', '/groups', {
      list: 'groups',
    });
    return groups;
  }

  describe(group: string): Promise<GroupAnswer> {
    return this.#ask('GET', groupPath(group), { list: 'members' });
  }

  lag(group: string): Promise<LagAnswer> {
    return this.#ask('GET', `${groupPath(group)}/lag`, { list: 'partitions' });
  }

  async committed(group: string): Promise<readonly CommittedOffset[]> {
    const path = `${groupPath(group)}/offsets`;
    const { offsets } = await this.#ask<{ offsets: readonly CommittedOffset[] }>('GET', path, {
      list: 'offsets',
    });
    return offsets;
  }

  /** NON_EMPTY_GROUP while it has members. */
  reset(group: string, wish: ResetWish): Promise<ResetAnswer> {
    const path = `${groupPath(group)}/offsets/reset`;
    return this.#ask('POST', path, { list: 'partitions', body: wish });
  }

  /** With its committed offsets; NON_EMPTY_GROUP while it has members. */
  async delete(group: string): Promise<void> {
    await this.#call('DELETE', groupPath(group));
  }

  /** Waits until the partitions are shared out. Given up meanwhile, the server leaves again. */
  join(group: string, wish: JoinWish): Promise<MembershipAnswer> {
    return this.#ask('POST', `${groupPath(group)}/members`, { list: 'assignment', body: wish });
  }

  /** The next records; a sign of life too. Rejects as HTTP says a member has to join again. */
  async read(member: MemberName, wish: ReadWish): Promise<MemberBatch> {
    const text = await this.#call('POST', `${memberPath(member)}/fetch`, { body: wish });
    const answer = this.#parse<ReadAnswer>(text, 'records');
    const lines = elementTexts(text, 'records');
    if (lines.length !== answer.records.length) {
      throw notMillrace(this.#base, 'sent its records twice');
    }
    const records = answer.records.map((fields, at) => ({ fields, json: lines[at] ?? '' }));
    return { records, cursor: answer.cursor, reset: answer.reset ?? [] };
  }

  /** Resolves when the positions of the cursor are on stable storage. */
  async commit(
    { group, memberId }: MemberName,
    position: { readonly generation: number; readonly cursor: string },
  ): Promise<void> {
    const body = { member_id: memberId, ...position };
    await this.#call('POST', `${groupPath(group)}/offsets`, { body, signal: undefined });
  }

  /** Its partitions go to the others at once. */
  async leave(member: MemberName): Promise<void> {
    await this.#call('DELETE', memberPath(member), { signal: undefined });
  }

  /** An answer is known by the list that it must have. */
  async #ask<T extends object>(
    method: Call['method'],
    path: string,
    { list, ...rest }: { readonly list: keyof T & string; readonly body?: unknown },
  ): Promise<T> {
    return this.#parse<T>(await this.#call(method, path, rest), list);
  }

  #parse<T extends object>(text: string, list: keyof T & string): T {
    const answer = parseAnswer(this.#base, text) as T | null;
    if (answer !== null && Array.isArray(answer[list])) return answer;
    throw notMillrace(this.#base, `sent no ${list}`);
  }

  async #call(method: Call['method'], path: string, rest: Partial<Call> = {}): Promise<string> {
    const call = { method, base: this.#base, path, signal: this.#signal, ...rest };
    return (await callServer(call)).text;
  }
}

interface ReadAnswer {
  readonly records: readonly GroupRecord['fields'][];
  readonly cursor: string;
  readonly reset?: readonly OffsetJump[];
}

/** A name that is checked first: `..` would become another route. */
function groupPath(group: string): string {
  checkGroupName(group);
  return `/groups/${encodeURIComponent(group)}`;
}

function memberPath({ group, memberId }: MemberName): string {
  return `${groupPath(group)}/members/${encodeURIComponent(memberId)}`;
}

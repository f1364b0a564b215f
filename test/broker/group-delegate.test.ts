import { expect, test } from 'vitest';
import { GroupDelegate } from '../../src/broker/group-delegate.ts';
import type { Groups } from '../../src/broker/groups.ts';

type Calls = { [name in keyof Groups]: Parameters<Groups[name]> };

const MEMBER = { group: 'g', memberId: 'm', generation: 1 };
const PARTITIONS = [{ topic: 't', partition: 0 }];

/** Each method with its arguments; the compiler sees that none is missing. */
const CALLS: Calls = {
  joinGroup: [
    {
      group: 'g',
      memberId: '',
      clientId: 'c',
      clientHost: '/h',
      sessionTimeoutMs: 1,
      rebalanceTimeoutMs: 2,
      protocolType: 'consumer',
      protocols: [],
    },
  ],
  syncGroup: [{ ...MEMBER, assignments: [] }],
  heartbeat: [MEMBER],
  holdMember: [MEMBER, () => {}],
  leaveGroup: ['g', [{ memberId: 'm' }]],
  commitOffsets: [{ ...MEMBER, offsets: [] }],
  fetchOffsets: ['g'],
  deleteOffsets: ['g', PARTITIONS],
  listGroups: [],
  describeGroup: ['g'],
  deleteGroup: ['g'],
};

type Method = (...given: readonly unknown[]) => Promise<unknown>;

class Delegate extends GroupDelegate {
  protected readonly groups: Groups;

  constructor(groups: Groups) {
    super();
    this.groups = groups;
  }
}

/** A delegate to something that has this one method alone. */
function delegateTo(name: string, method: Method): Method {
  const delegate = new Delegate({ [name]: method } as unknown as Groups);
  return (...given) => (Reflect.get(delegate, name) as Method).apply(delegate, [...given]);
}

test.each(Object.entries(CALLS))(
  '%s passes on its arguments and the answer',
  async (name, given) => {
    const answer = {};
    const seen: unknown[] = [];
    const call = delegateTo(name, async (...args) => {
      seen.push(...args);
      return answer;
    });
    expect(await call(...given)).toBe(answer);
    expect(seen).toHaveLength(given.length);
    for (const [index, each] of given.entries()) expect(seen[index]).toBe(each);
  },
);

test.each(Object.keys(CALLS))('%s passes a refusal on', async (name) => {
  const refusal = new Error('refused');
  await expect(delegateTo(name, () => Promise.reject(refusal))()).rejects.toBe(refusal);
});

/** Records of groups and their bytes in Kafka's format, by hand. */
import type { GroupMetadataValue, OffsetCommitValue } from '../../src/codec/group-records.ts';

export const OFFSET: OffsetCommitValue = {
  offset: 258,
  leaderEpoch: 3,
  metadata: 'mü',
  commitTimestampMs: 1_700_000_000_000,
  topicId: '01234567-89ab-cdef-0011-223344556677',
};

// Group "g", topic "top", partition 7.
export const OFFSET_KEY = '0001 0001 "g" 0003 "top" 00000007';
const OFFSET_258 = '0000000000000102';
const AT = '0000018bcfe56800';
const METADATA = '0003 "mü"';

/** By version. Before version 3 there is no leader epoch, before 4 no topic id. */
export const OFFSET_VALUES: readonly (readonly [number, string, OffsetCommitValue])[] = [
  [0, `0000 ${OFFSET_258} ${METADATA} ${AT}`, { ...OFFSET, leaderEpoch: -1, topicId: '' }],
  // With an expiry, here the largest int64, which is passed over.
  [
    1,
    `0001 ${OFFSET_258} ${METADATA} ${AT} 7fffffffffffffff`,
    { ...OFFSET, leaderEpoch: -1, topicId: '' },
  ],
  [2, `0002 ${OFFSET_258} ${METADATA} ${AT}`, { ...OFFSET, leaderEpoch: -1, topicId: '' }],
  [3, `0003 ${OFFSET_258} 00000003 ${METADATA} ${AT}`, { ...OFFSET, topicId: '' }],
  // Lengths are one more now; one tag, number 0, of 16 bytes.
  [
    4,
    `0004 ${OFFSET_258} 00000003 04 "mü" ${AT} 01 00 10 0123456789abcdef0011223344556677`,
    OFFSET,
  ],
];

export const METADATA_VALUE: GroupMetadataValue = {
  protocolType: 'consumer',
  generation: 5,
  protocol: 'range',
  leader: 'm1',
  currentStateTimestampMs: 1_700_000_000_000,
  members: [
    {
      memberId: 'm1',
      groupInstanceId: 'i1',
      clientId: 'c',
      clientHost: '/h',
      rebalanceTimeoutMs: 60_000,
      sessionTimeoutMs: 30_000,
      subscription: Buffer.from('sub'),
      assignment: Buffer.from(''),
    },
  ],
};

export const METADATA_KEY = '0002 0001 "g"';

/** What a member of a version is, where it says less than `METADATA_VALUE`. */
function valueWith(
  member: Partial<GroupMetadataValue['members'][number]>,
  value: Partial<GroupMetadataValue> = {},
): GroupMetadataValue {
  const members = METADATA_VALUE.members.map((each) => ({ ...each, ...member }));
  return { ...METADATA_VALUE, ...value, members };
}

// Type, generation, protocol, leader; then member, client and host; then the bytes.
const GROUP = '0008 "consumer" 00000005 0005 "range" 0002 "m1"';
const CLIENT = '0001 "c" 0002 "/h"';
const REBALANCE = '0000ea60';
const SESSION = '00007530';
const BYTES = '00000003 "sub" 00000000';

/** By version. */
export const METADATA_VALUES: readonly (readonly [number, string, GroupMetadataValue])[] = [
  [
    0,
    `0000 ${GROUP} 00000001 0002 "m1" ${CLIENT} ${SESSION} ${BYTES}`,
    valueWith(
      { groupInstanceId: null, rebalanceTimeoutMs: 30_000 },
      { currentStateTimestampMs: -1 },
    ),
  ],
  [
    1,
    `0001 ${GROUP} 00000001 0002 "m1" ${CLIENT} ${REBALANCE} ${SESSION} ${BYTES}`,
    valueWith({ groupInstanceId: null }, { currentStateTimestampMs: -1 }),
  ],
  [
    2,
    `0002 ${GROUP} ${AT} 00000001 0002 "m1" ${CLIENT} ${REBALANCE} ${SESSION} ${BYTES}`,
    valueWith({ groupInstanceId: null }),
  ],
  [
    3,
    `0003 ${GROUP} ${AT} 00000001 0002 "m1" 0002 "i1" ${CLIENT} ${REBALANCE} ${SESSION} ${BYTES}`,
    METADATA_VALUE,
  ],
  // Lengths are one more now; the member has no tags, the group has one that is not known.
  [
    4,
    `0004 09 "consumer" 00000005 06 "range" 03 "m1" ${AT}
     02 03 "m1" 03 "i1" 02 "c" 03 "/h" ${REBALANCE} ${SESSION} 04 "sub" 01 00
     01 07 02 "??"`,
    METADATA_VALUE,
  ],
];

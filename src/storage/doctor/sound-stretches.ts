/** Stretches of sound batches, one behind the other. */
import type { SoundStretch } from './examine-segment.ts';

/** The offset behind the last of them; `offset` itself when there is none. */
export function endOf(sound: readonly SoundStretch[], offset: number): number {
  return sound.at(-1)?.facts.endOffset ?? offset;
}

/** Two that follow one another without a gap are one. */
export function joined(stretches: readonly SoundStretch[]): SoundStretch[] {
  const result: SoundStretch[] = [];
  for (const each of stretches) {
    const last = result.at(-1);
    const { baseOffset } = each.facts;
    const beginsFlush = each.flushStart === baseOffset;
    const follows = last?.to === each.from && last.facts.endOffset === baseOffset && beginsFlush;
    if (last === undefined || !follows) result.push(each);
    else result.splice(-1, 1, { ...last, to: each.to, facts: sum(last, each) });
  }
  return result;
}

function sum({ facts: one }: SoundStretch, { facts: other }: SoundStretch): SoundStretch['facts'] {
  const { maxTimestamp, maxTimestampOffset } = other.maxTimestamp > one.maxTimestamp ? other : one;
  const bytes = one.bytes + other.bytes;
  return { ...one, endOffset: other.endOffset, bytes, maxTimestamp, maxTimestampOffset };
}

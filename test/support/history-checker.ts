/**
 * Judges a history: what of it no broker that keeps its promises could have answered. Pure.
 *
 * It walks through what happened in order. What was answered before a call began is known to that
 * call; between calls that overlap no order is assumed. So it never reports what could be right,
 * and an operation without an answer may have happened or not.
 *
 * The rules about records are in history-partitions.ts, those about topics in history-topics.ts,
 * those about groups in history-commits.ts and history-members.ts.
 */
import type { Answer, Entry, Operation } from './history.ts';
import { aboutOf } from './history.ts';
import { CommitRules } from './history-commits.ts';
import { MemberRules } from './history-members.ts';
import { PartitionRules } from './history-partitions.ts';
import { TopicRules } from './history-topics.ts';

export type FindingKind =
  /** An acknowledged record is not there, or another stands in its place. */
  | 'lost'
  /** A record is there twice. */
  | 'duplicate'
  /** Records stand in another order than they were produced in. */
  | 'reordered'
  /** A record that nobody wrote there. */
  | 'fabricated'
  /** Offsets without records between those that are kept. */
  | 'gap'
  /** Readers were shown what was not durable: it has vanished or changed. */
  | 'dirty'
  /** The high watermark or the log start went back, or a read does not see what it must. */
  | 'stale'
  /** A record that was refused as not written. */
  | 'refused but appeared'
  | 'offset given twice'
  | 'producer id given twice'
  | 'lost topic'
  /** A deleted topic is back. */
  | 'zombie topic'
  | 'lost commit'
  /** A commit that was refused, of an old generation or of a deleted group has an effect. */
  | 'zombie commit'
  | 'commit went back'
  | 'double ownership'
  /** An answer that nobody may ever get. */
  | 'broken';

export interface Finding {
  readonly kind: FindingKind;
  /** The partition, topic or group concerned, as `historyLines` takes it. */
  readonly about: string;
  readonly text: string;
}

export type Report = (kind: FindingKind, about: string, text: string) => void;

/** Each hears of every operation when it begins, and of the answers. */
export interface Rules {
  began?(operation: Operation): void;
  ended(operation: Operation, answer: Answer): void;
  lifeEnded?(at: number): void;
  /** When there is nothing more. */
  finish?(): void;
}

/** One bad write is seen again and again: more of a kind about one place says nothing new. */
const FINDINGS_MAX = 20;

export function findingsOf(entries: readonly Entry[]): Finding[] {
  const findings: Finding[] = [];
  const report: Report = (kind, about, text) => {
    if (findings.length < FINDINGS_MAX) findings.push({ kind, about, text });
  };
  const rules: readonly Rules[] = [
    new TopicRules(report),
    new PartitionRules(report),
    new CommitRules(report),
    new MemberRules(report),
    { ended: (operation, answer) => reportBroken(operation, answer, report) },
  ];
  for (const { entry, isEnd } of momentsOf(entries)) {
    for (const each of rules) {
      if (entry.kind === 'life ends') each.lifeEnded?.(entry.at);
      else if (entry.kind !== 'operation') continue;
      else if (!isEnd) each.began?.(entry);
      else if (entry.answer !== undefined) each.ended(entry, entry.answer);
    }
  }
  for (const each of rules) each.finish?.();
  return findings;
}

interface Moment {
  readonly at: number;
  readonly entry: Entry;
  readonly isEnd: boolean;
}

function momentsOf(entries: readonly Entry[]): Moment[] {
  const moments: Moment[] = [];
  for (const entry of entries) {
    if (entry.kind !== 'operation') moments.push({ at: entry.at, entry, isEnd: false });
    else {
      moments.push({ at: entry.began, entry, isEnd: false });
      if (entry.ended !== undefined) moments.push({ at: entry.ended, entry, isEnd: true });
    }
  }
  return moments.sort((one, other) => one.at - other.at);
}

function reportBroken({ ask }: Operation, answer: Answer, report: Report): void {
  if (answer.kind === 'broken') report('broken', aboutOf(ask), `${ask.kind}: ${answer.reason}`);
}

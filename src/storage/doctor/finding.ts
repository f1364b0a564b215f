/** One thing that an examination of files has found; the words for it are the command's. */
import type { ScanFault } from '../batch-scan.ts';

/**
 * damage   something acknowledged may be gone: the partition is offline, or will be once it is read
 * mended   the next start mends it by itself, and nothing that was acknowledged is missing
 * note     nothing is wrong
 */
export type Severity = 'damage' | 'mended' | 'note';

export type FindingKind =
  // damage
  | 'bad-bytes'
  | 'segment-missing'
  | 'segment-length'
  | 'segment-foreign'
  | 'segment-gap'
  | 'mark-unreadable'
  | 'nothing-left'
  | 'directory-unreadable'
  | 'repair-unfinished'
  | 'catalogue-unusable'
  | 'catalogue-missing'
  // mended
  | 'torn-tail'
  | 'checkpoint-damaged'
  | 'checkpoint-missing'
  | 'index-doubtful'
  | 'owner-unreadable'
  // note
  | 'mark-stale'
  | 'gap'
  | 'fenced'
  | 'left'
  | 'unfinished-replacement'
  | 'torn-bytes'
  | 'old-checkpoint'
  | 'set-aside'
  | 'unfinished-topic'
  | 'unknown-topic'
  | 'topic-name'
  | 'unknown-file';

export interface Finding extends Partial<ScanFault> {
  readonly severity: Severity;
  readonly kind: FindingKind;
  readonly file: string;
  readonly position?: number;
  /** The records it is about, half open; `to` undefined: nothing says where they end. */
  readonly offsets?: { readonly from: number; readonly to: number | undefined };
  /** Damage that no start looks for: the partition begins online, and goes offline by the read that meets it. */
  readonly isHidden?: boolean;
}

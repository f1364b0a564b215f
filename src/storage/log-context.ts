/** What the parts of one partition's log share: its place, its means, its state. */
import { join } from 'node:path';
import type { Clock } from '../model/clock.ts';
import type { Log } from '../model/log.ts';
import type { TopicConfig } from '../model/topic-config.ts';
import type { Files } from './files.ts';
import type { LogShared } from './log-shared.ts';
import type { LogState } from './log-state.ts';
import type { LogStatus } from './log-status.ts';
import type { OpenFiles } from './open-files.ts';
import { CHECKPOINT_FILE, FENCED_FILE, logPath } from './segment-files.ts';
import type { Tail } from './tail-cache.ts';

export interface LogContext {
  readonly directory: string;
  readonly files: Files;
  readonly openFiles: OpenFiles;
  readonly clock: Clock;
  readonly log: Log;
  readonly shared: LogShared;
  readonly tail: Tail;
  readonly status: LogStatus;
  /** Replaced as a whole when a repair that had to wait has succeeded. */
  state: LogState;
  /** Changed by `alterConfigs` while the log is at work. */
  config: TopicConfig;
  /** Tells the listeners: the high watermark or the log start moved, or the status changed. */
  changed(): void;
}

export function segmentPath(context: Pick<LogContext, 'directory'>, baseOffset: number): string {
  return logPath(context.directory, baseOffset);
}

export function checkpointPath(context: Pick<LogContext, 'directory'>): string {
  return join(context.directory, CHECKPOINT_FILE);
}

export function fencedPath(context: Pick<LogContext, 'directory'>): string {
  return join(context.directory, FENCED_FILE);
}

/** Where the server's own log lines go; pino stands behind it in `log-output.ts`. */
export interface Log {
  debug(facts: LogFacts, message: string): void;
  info(facts: LogFacts, message: string): void;
  warn(facts: LogFacts, message: string): void;
  error(facts: LogFacts, message: string): void;
}

/** Structured facts of one line. Never payloads, never record keys: they are the user's data. */
export type LogFacts = Readonly<Record<string, unknown>>;

export const silentLog: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
};

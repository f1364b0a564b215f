/**
 * Who a connection speaks for, and what it may ask before that is known: the place where a login
 * (SASL) belongs. Today there is none, and everybody may ask everything.
 */
export interface Authentication {
  /** As Kafka writes it. */
  readonly principal: string;
  mayAsk(apiKey: number): boolean;
}

export function authenticateAll(): Authentication {
  return EVERYBODY;
}

const EVERYBODY: Authentication = { principal: 'User:ANONYMOUS', mayAsk: () => true };

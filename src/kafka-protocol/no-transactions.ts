/**
 * What is said wherever a client asks for transactions, which are not here: a number that clients
 * take for final, unlike those they would go on trying with.
 */
import { KAFKA_ERROR } from './error-numbers.ts';

export const NO_TRANSACTIONS = {
  error: KAFKA_ERROR.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
  message: 'there are no transactions here: leave transactional.id unset',
} as const;

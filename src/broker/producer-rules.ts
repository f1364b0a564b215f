/** What may be asked of producers: pure checks, the same for every broker. */
import { MillraceError } from '../model/errors.ts';
import { PRODUCER_NAME_LENGTH_MAX } from '../model/limits.ts';
import { quote } from '../model/names.ts';

/** Throws INVALID_REQUEST naming the rule that `name` breaks. */
export function checkProducerName(name: string): void {
  if (name.length > 0 && name.length <= PRODUCER_NAME_LENGTH_MAX) return;
  throw new MillraceError(
    'INVALID_REQUEST',
    `producer name ${quote(name)} has ${name.length} characters; 1 to ${PRODUCER_NAME_LENGTH_MAX} are allowed`,
    { details: { field: 'name', length: name.length, allowed_max: PRODUCER_NAME_LENGTH_MAX } },
  );
}

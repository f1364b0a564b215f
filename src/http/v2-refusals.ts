/** What a consumer instance cannot do, in the words and numbers of Confluent's v2. */
import { MillraceError } from '../model/errors.ts';
import { GROUP_NAME_LENGTH_MAX } from '../model/limits.ts';
import { quote } from '../model/names.ts';
import { HttpError } from './http-error.ts';

interface Named {
  readonly group: string;
  readonly name: string;
}

/** The names come from a URL, and may be anything. */
export function instanceNotFound({ group, name }: Named): HttpError {
  return new HttpError(
    'CONSUMER_INSTANCE_NOT_FOUND',
    `group ${quote(group)} has no consumer instance ${quote(name)} here; one that is not used ends, and none outlives the server: create it again`,
    {
      details: {
        group: group.slice(0, GROUP_NAME_LENGTH_MAX),
        instance: name.slice(0, GROUP_NAME_LENGTH_MAX),
      },
    },
  );
}

/** Its partitions are not known yet, so a commit could not be of the right generation. */
export function rebalancing({ group, name }: Named): MillraceError {
  return new MillraceError(
    'REBALANCE_IN_PROGRESS',
    `the partitions of group ${quote(group)} are being shared out and consumer instance ${quote(name)} has none yet; commit again later`,
    { retriable: true, written: 'no', details: { group, instance: name } },
  );
}

/** `fault` ends a sentence that begins with the instance. */
export function illegalState(
  { group, name }: Named,
  fault: string,
  details: { readonly [name: string]: unknown } = {},
): HttpError {
  return new HttpError(
    'ILLEGAL_STATE',
    `consumer instance ${quote(name)} of group ${quote(group)} ${fault}`,
    { details: { group, instance: name, ...details } },
  );
}

/**
 * What is said when a produce fails behind this face: which of the request's own records the
 * broker refused, and, where the writing itself failed, what is known of each partition.
 */
import type { BadRecord, ProduceOutcome } from '../broker/broker.ts';
import type { ErrorFacts, Written } from '../model/errors.ts';
import { MillraceError } from '../model/errors.ts';
import type { Produced } from './produce-answers.ts';
import type { Share, Shares } from './produce-placement.ts';
import type { RecordFault } from './record-faults.ts';
import { fieldName, sentence } from './record-faults.ts';

/** The broker counts the records of a part, the sender those of the request. */
export function nameBadRecords(error: MillraceError, sent: Shares): MillraceError {
  const bad = error.details['bad_records'] as readonly BadRecord[] | undefined;
  const indexes = bad === undefined ? undefined : requestIndexes(error, sent);
  if (bad === undefined || indexes === undefined) return error;
  const faults = bad.map(({ record, field, message }): RecordFault => {
    const index = indexes(record);
    return { record: index, field: fieldName(index, field === 'record' ? '' : field), message };
  });
  return restated(error, sentence(faults[0] as RecordFault, faults.length - 1), {
    details: { ...error.details, bad_records: faults },
  });
}

/** From an index in the part at fault, which `details.partition` names, to one in the request. */
function requestIndexes(
  error: MillraceError,
  { shares, partOf }: Shares,
): ((record: number) => number) | undefined {
  if (partOf === undefined) return (record) => record;
  const part = shares.findIndex(({ partition }) => partition === error.details['partition']);
  if (part === -1) return undefined;
  const indexes = partOf.flatMap((each, index) => (each === part ? [index] : []));
  return (record) => indexes[record] as number;
}

/** For what is refused before anything is written, where the refusal does not say so itself. */
export function unwritten(error: MillraceError): MillraceError {
  return error.written === undefined ? restated(error, error.message, { written: 'no' }) : error;
}

/** undefined when every part was written; else the one error of the request, parts in its details. */
export function writeFailure({ shares, outcomes }: Produced): MillraceError | undefined {
  const errors = outcomes.flatMap(({ error }) => (error === undefined ? [] : [error]));
  const [first] = errors;
  if (first === undefined) return undefined;
  const error = errors.find(({ written }) => written !== 'no') ?? first;
  const states = outcomes.map(writtenState);
  const prefix =
    outcomes.length === 1 ? '' : `${errors.length} of ${outcomes.length} partitions failed: `;
  return restated(error, prefix + error.message, {
    written: states.every((state) => state === 'no') ? 'no' : 'unknown',
    // Sent again, what was written would be written twice.
    retriable: errors.every(({ retriable }) => retriable) && !states.includes('yes'),
    details: { ...error.details, partitions: describeParts(shares, outcomes) },
  });
}

/** Whether some parts were written and others failed. */
export function isPartial({ outcomes }: Produced): boolean {
  return (
    outcomes.some(({ error }) => error === undefined) &&
    outcomes.some(({ error }) => error !== undefined)
  );
}

function writtenState({ error }: ProduceOutcome): Written {
  return error === undefined ? 'yes' : (error.written ?? 'unknown');
}

function describeParts(shares: readonly Share[], outcomes: readonly ProduceOutcome[]): unknown[] {
  return outcomes.map((outcome, index) => ({
    partition: (shares[index] as Share).partition,
    ...(outcome.baseOffset === undefined ? {} : { base_offset: outcome.baseOffset }),
    count: outcome.count,
    written: writtenState(outcome),
  }));
}

function restated(error: MillraceError, message: string, facts: ErrorFacts): MillraceError {
  const { retriable, written, details } = error;
  return new MillraceError(error.code, message, {
    retriable,
    ...(written === undefined ? {} : { written }),
    details,
    cause: error,
    ...facts,
  });
}

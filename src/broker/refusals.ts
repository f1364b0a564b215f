/** The refusals that every broker words alike, so that a face and its users meet one of each. */
import type { Written } from '../model/errors.ts';
import { MillraceError } from '../model/errors.ts';
import { quote } from '../model/names.ts';

export interface RefusalFacts {
  /** `no` where the refused call was about writing. */
  readonly written?: Written;
}

export function unknownTopic(topic: string, facts: RefusalFacts = {}): MillraceError {
  return new MillraceError('UNKNOWN_TOPIC_OR_PARTITION', `there is no topic ${quote(topic)}`, {
    ...facts,
    details: { topic },
  });
}

/** `details.partition` is there only because the topic exists: faces tell the two apart by it. */
export function unknownPartition(
  topic: string,
  { partition, partitionCount }: { readonly partition: number; readonly partitionCount: number },
  facts: RefusalFacts = {},
): MillraceError {
  return new MillraceError(
    'UNKNOWN_TOPIC_OR_PARTITION',
    `topic ${quote(topic)} has no partition ${partition}; it has ${partitionCount}, counted from 0`,
    { ...facts, details: { topic, partition, partition_count: partitionCount } },
  );
}

export function topicExists(topic: string): MillraceError {
  return new MillraceError('TOPIC_ALREADY_EXISTS', `topic ${quote(topic)} exists already`, {
    details: { topic },
  });
}

export function shuttingDown(facts: RefusalFacts = {}): MillraceError {
  return new MillraceError('SHUTTING_DOWN', 'the server is stopping', {
    ...facts,
    retriable: true,
  });
}

export function tooMany(
  what: string,
  { received, allowed }: { readonly received: number; readonly allowed: number },
): MillraceError {
  return new MillraceError(
    'POLICY_VIOLATION',
    `${received} ${what}; at most ${allowed} are allowed`,
    {
      details: { received, allowed },
    },
  );
}

export function staleProducerEpoch(
  producer: { readonly producerId: number; readonly producerEpoch: number },
  current: number,
): MillraceError {
  const { producerId, producerEpoch } = producer;
  return new MillraceError(
    'INVALID_PRODUCER_EPOCH',
    `producer ${producerId} has epoch ${producerEpoch}; epoch ${current} has taken over`,
    { written: 'no', details: { producer_id: producerId, current, received: producerEpoch } },
  );
}

/** A log knows the indexes of the records that it refuses, but not whose part they are of. */
export function inPart(
  error: unknown,
  { topic, partition }: { readonly topic: string; readonly partition: number },
): unknown {
  if (!(error instanceof MillraceError) || error.details['bad_records'] === undefined) return error;
  const { code, message, retriable, written = 'no', details } = error;
  return new MillraceError(code, message, {
    retriable,
    written,
    details: { ...details, topic, partition },
    cause: error,
  });
}

/**
 * Who idempotent producers are: ids that are never given twice, also not after a crash, and for
 * named producers which epoch is the one that holds.
 *
 * Ids come from blocks that are reserved durably before the first of them is used; a restart
 * leaves the rest of a block unused. What a producer sent is each partition's to remember.
 */
import { NAMED_PRODUCERS_MAX, PRODUCER_EPOCH_MAX, PRODUCER_ID_BLOCK } from '../../model/limits.ts';
import type { Catalogue } from '../../storage/catalogue.ts';
import type { ProducerIdentity } from '../broker.ts';
import { checkProducerName } from '../producer-rules.ts';
import { staleProducerEpoch, tooMany } from '../refusals.ts';

export class ProducerIds {
  readonly #catalogue: ProducerCatalogue;
  readonly #byName = new Map<string, ProducerIdentity>();
  /** The epoch that holds, for each id that ever had a name in this run. */
  readonly #epochs = new Map<number, number>();
  #next = 0;
  #blockEnd = 0;

  constructor(catalogue: ProducerCatalogue) {
    this.#catalogue = catalogue;
    for (const { name, producerId, epoch } of catalogue.namedProducers()) {
      this.#hold(name, { producerId, producerEpoch: epoch });
    }
  }

  /** Durable before it returns. */
  init(name: string | null): ProducerIdentity {
    if (name === null) return { producerId: this.#nextId(), producerEpoch: 0 };
    checkProducerName(name);
    const before = this.#byName.get(name);
    if (before === undefined && this.#byName.size >= NAMED_PRODUCERS_MAX) {
      throw tooMany('named producers', {
        received: this.#byName.size + 1,
        allowed: NAMED_PRODUCERS_MAX,
      });
    }
    const identity = this.#successor(before);
    const { producerId, producerEpoch } = identity;
    this.#catalogue.setNamedProducer({ name, producerId, epoch: producerEpoch });
    this.#hold(name, identity);
    if (before !== undefined && before.producerId !== producerId) {
      this.#epochs.set(before.producerId, PRODUCER_EPOCH_MAX + 1);
    }
    return identity;
  }

  /** Throws INVALID_PRODUCER_EPOCH when a newer holder of the producer's name has taken over. */
  check(producer: ProducerIdentity): void {
    const current = this.#epochs.get(producer.producerId);
    if (current !== undefined && producer.producerEpoch < current) {
      throw staleProducerEpoch(producer, current);
    }
  }

  /** After the last epoch a name goes on with a new id, as in Kafka. */
  #successor(before: ProducerIdentity | undefined): ProducerIdentity {
    if (before === undefined || before.producerEpoch === PRODUCER_EPOCH_MAX) {
      return { producerId: this.#nextId(), producerEpoch: 0 };
    }
    return { producerId: before.producerId, producerEpoch: before.producerEpoch + 1 };
  }

  #nextId(): number {
    if (this.#next === this.#blockEnd) {
      this.#next = this.#catalogue.reserveProducerIds(PRODUCER_ID_BLOCK);
      this.#blockEnd = this.#next + PRODUCER_ID_BLOCK;
    }
    const id = this.#next;
    this.#next += 1;
    return id;
  }

  #hold(name: string, identity: ProducerIdentity): void {
    this.#byName.set(name, identity);
    this.#epochs.set(identity.producerId, identity.producerEpoch);
  }
}

type ProducerCatalogue = Pick<
  Catalogue,
  'reserveProducerIds' | 'namedProducers' | 'setNamedProducer'
>;

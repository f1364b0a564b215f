/**
 * Who idempotent producers are: ids that are never given twice, also not after a crash, and for
 * named producers which epoch is the one that holds.
 *
 * Ids come from blocks that are reserved durably before the first of them is used; a restart
 * leaves the rest of a block unused. What a producer sent is each partition's to remember.
 */
import { PRODUCER_ID_BLOCK } from '../../model/limits.ts';
import { FENCING_EPOCH } from '../../storage/catalogue.ts';
import type { Catalogue } from '../../storage/catalogue.ts';
import type { ProducerIdentity } from '../broker.ts';
import { checkProducerName } from '../producer-rules.ts';
import { staleProducerEpoch } from '../refusals.ts';

export type ProducerCatalogue = Pick<
  Catalogue,
  'reserveProducerIds' | 'nextProducerEpoch' | 'namedProducerEpochs'
>;

export class ProducerIds {
  readonly #catalogue: ProducerCatalogue;
  /** The epoch that holds, for each id that has or had a name: in memory, every produce asks. */
  readonly #epochs: Map<number, number>;
  #nextId = 0;
  #blockEnd = 0;

  constructor(catalogue: ProducerCatalogue) {
    this.#catalogue = catalogue;
    this.#epochs = catalogue.namedProducerEpochs();
  }

  /** Durable before it returns; from then on older holders of the name are fenced. */
  init(name: string | null): ProducerIdentity {
    if (name === null) return { producerId: this.#allocate(), producerEpoch: 0 };
    checkProducerName(name);
    const next = this.#catalogue.nextProducerEpoch(name, () => this.#allocate());
    const { producerId, producerEpoch, retiredId } = next;
    this.#epochs.set(producerId, producerEpoch);
    if (retiredId !== undefined) this.#epochs.set(retiredId, FENCING_EPOCH);
    return { producerId, producerEpoch };
  }

  /** Throws INVALID_PRODUCER_EPOCH when a newer holder of the producer's name has taken over. */
  check(producer: ProducerIdentity): void {
    const current = this.#epochs.get(producer.producerId);
    if (current !== undefined && producer.producerEpoch < current) {
      throw staleProducerEpoch(producer, current);
    }
  }

  #allocate(): number {
    if (this.#nextId === this.#blockEnd) {
      const { first, count } = this.#catalogue.reserveProducerIds(PRODUCER_ID_BLOCK);
      this.#nextId = first;
      this.#blockEnd = first + count;
    }
    const id = this.#nextId;
    this.#nextId += 1;
    return id;
  }
}

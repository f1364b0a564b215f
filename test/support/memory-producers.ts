/** Ids and epochs of the memory broker's idempotent producers. */
import type { ProducerIdentity } from '../../src/broker/broker.ts';
import { checkProducerName } from '../../src/broker/producer-rules.ts';
import { staleProducerEpoch } from '../../src/broker/refusals.ts';

export class MemoryProducers {
  readonly #byName = new Map<string, ProducerIdentity>();
  readonly #epochs = new Map<number, number>();
  #made = 0;

  init(name: string | null): ProducerIdentity {
    if (name === null) return this.#new();
    checkProducerName(name);
    const before = this.#byName.get(name);
    const identity =
      before === undefined ? this.#new() : { ...before, producerEpoch: before.producerEpoch + 1 };
    this.#byName.set(name, identity);
    this.#epochs.set(identity.producerId, identity.producerEpoch);
    return identity;
  }

  check(producer: ProducerIdentity): void {
    const current = this.#epochs.get(producer.producerId);
    if (current === undefined || producer.producerEpoch >= current) return;
    throw staleProducerEpoch(producer, current);
  }

  #new(): ProducerIdentity {
    this.#made += 1;
    return { producerId: this.#made - 1, producerEpoch: 0 };
  }
}

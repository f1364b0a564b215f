import { expect, test } from 'vitest';
import { ProducerIds } from '../../../src/broker/local/producer-ids.ts';
import { PRODUCER_ID_BLOCK } from '../../../src/model/limits.ts';
import { Catalogue } from '../../../src/storage/catalogue.ts';

const catalogueOf = (): Catalogue => Catalogue.open(':memory:', 'AAAAAAAAAAAAAAAAAAAAAA');

test('an id is given once, across the ends of blocks and across restarts', () => {
  const catalogue = catalogueOf();
  const seen = new Set<number>();
  for (const count of [PRODUCER_ID_BLOCK + 5, 3, 1]) {
    const ids = new ProducerIds(catalogue);
    for (let n = 0; n < count; n += 1) seen.add(ids.init(null).producerId);
  }
  expect(seen.size).toBe(PRODUCER_ID_BLOCK + 9);
});

test('a block is reserved before the first id of it is given, and once for all of them', () => {
  const reserved: number[] = [];
  const ids = new ProducerIds({
    reserveProducerIds(count) {
      reserved.push(count);
      return { first: 5000, count };
    },
    namedProducerEpochs: () => new Map(),
    nextProducerEpoch: () => expect.unreachable(),
  });
  expect(reserved).toEqual([]);
  expect(ids.init(null)).toEqual({ producerId: 5000, producerEpoch: 0 });
  expect(ids.init(null)).toEqual({ producerId: 5001, producerEpoch: 0 });
  expect(reserved).toEqual([PRODUCER_ID_BLOCK]);
});

test('a named producer is fenced by the next holder of its name, also after a restart', () => {
  const catalogue = catalogueOf();
  const old = new ProducerIds(catalogue).init('orders');
  const ids = new ProducerIds(catalogue);
  ids.check(old);
  const current = ids.init('orders');
  expect(current).toEqual({ producerId: old.producerId, producerEpoch: 1 });
  for (const each of [ids, new ProducerIds(catalogue)]) {
    each.check(current);
    expect(() => each.check(old)).toThrow(
      expect.objectContaining({ code: 'INVALID_PRODUCER_EPOCH', written: 'no' }),
    );
  }
});

test('producers without a name are not fenced here', () => {
  const ids = new ProducerIds(catalogueOf());
  const { producerId } = ids.init(null);
  for (const producerEpoch of [0, 1, 32_767]) ids.check({ producerId, producerEpoch });
});

test('a change that the catalogue refuses fences nobody', () => {
  const catalogue = catalogueOf();
  const ids = new ProducerIds({
    reserveProducerIds: (count) => catalogue.reserveProducerIds(count),
    namedProducerEpochs: () => new Map([[7, 3]]),
    nextProducerEpoch: () => {
      throw new Error('the disk is full');
    },
  });
  expect(() => ids.init('orders')).toThrow('the disk is full');
  ids.check({ producerId: 7, producerEpoch: 3 });
});

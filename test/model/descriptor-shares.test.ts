import { expect, test } from 'vitest';
import { descriptorShares } from '../../src/model/descriptor-shares.ts';
import type { DescriptorShares } from '../../src/model/descriptor-shares.ts';
import {
  CONNECTIONS_MAX,
  DESCRIPTORS_OF_PROCESS,
  MOMENTARY_FILES_MAX,
  OPEN_FILES_MAX,
  REFUSED_CONNECTIONS_MAX,
} from '../../src/model/limits.ts';

const ALL: DescriptorShares = {
  openFiles: OPEN_FILES_MAX,
  momentaryFiles: MOMENTARY_FILES_MAX,
  connections: CONNECTIONS_MAX,
  refusedConnections: REFUSED_CONNECTIONS_MAX,
};

function sum({ openFiles, momentaryFiles, connections, refusedConnections }: DescriptorShares) {
  return openFiles + momentaryFiles + connections + refusedConnections;
}

test('where there are enough, or nobody knows, all have what they want', () => {
  expect(descriptorShares(undefined, CONNECTIONS_MAX)).toEqual(ALL);
  expect(descriptorShares(1_048_576, CONNECTIONS_MAX)).toEqual(ALL);
  expect(descriptorShares(DESCRIPTORS_OF_PROCESS + sum(ALL), CONNECTIONS_MAX)).toEqual(ALL);
});

test('where there are fewer, it is the connections that go short first', () => {
  expect(descriptorShares(4_096, CONNECTIONS_MAX)).toEqual({ ...ALL, connections: 3_260 });
  const few = descriptorShares(1_024, CONNECTIONS_MAX);
  expect(few).toEqual({
    openFiles: 478,
    momentaryFiles: 32,
    connections: 419,
    refusedConnections: 59,
  });
});

test('no limit is exceeded that leaves each of them one, and each has one', () => {
  for (let limit = 0; limit < 12_000; limit += 1) {
    const shares = descriptorShares(limit, CONNECTIONS_MAX);
    expect(Math.min(...Object.values(shares))).toBeGreaterThan(0);
    if (limit >= DESCRIPTORS_OF_PROCESS + 4) {
      expect(sum(shares) + DESCRIPTORS_OF_PROCESS).toBeLessThanOrEqual(limit);
    }
  }
});

test('nobody gets more connections than were asked for', () => {
  expect(descriptorShares(1_024, 10).connections).toBe(10);
});

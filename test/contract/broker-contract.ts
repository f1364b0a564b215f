/**
 * What every Broker must do, sentence by sentence. Each implementation runs it: a face that works
 * with one then works with all.
 */
import { describe } from 'vitest';
import { describeFetches } from './fetch-contract.ts';
import { describeGroupOffsets } from './group-offsets-contract.ts';
import { describeGroups } from './groups-contract.ts';
import { describeIdempotence } from './idempotence-contract.ts';
import { describeLife } from './life-contract.ts';
import { describeOffsets } from './offsets-contract.ts';
import { describeParkedFetches } from './parked-fetch-contract.ts';
import { describeProduces } from './produce-contract.ts';
import { describeProducers } from './producers-contract.ts';
import { describeRefusals } from './refusals-contract.ts';
import type { CreateBroker } from './scene.ts';
import { describeTopicChanges } from './topic-changes-contract.ts';
import { describeTopics } from './topics-contract.ts';

export function describeBrokerContract(name: string, createBroker: CreateBroker): void {
  describe(`${name} keeps the broker contract`, () => {
    describe('topics', () => describeTopics(createBroker));
    describe('changes of topics', () => describeTopicChanges(createBroker));
    describe('produce', () => describeProduces(createBroker));
    describe('what produce refuses', () => describeRefusals(createBroker));
    describe('idempotence', () => describeIdempotence(createBroker));
    describe('producers', () => describeProducers(createBroker));
    describe('fetch', () => describeFetches(createBroker));
    describe('parked fetch', () => describeParkedFetches(createBroker));
    describe('offsets', () => describeOffsets(createBroker));
    describe('groups', () => describeGroups(createBroker));
    describe('committed offsets', () => describeGroupOffsets(createBroker));
    describe('life', () => describeLife(createBroker));
  });
}

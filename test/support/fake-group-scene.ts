/** Topics with records in memory, and groups that the test makes up. */
import { fastify } from 'fastify';
import { answerErrors } from '../../src/http/error-answers.ts';
import { registerGroups } from '../../src/http/groups.ts';
import { HttpCounters } from '../../src/http/http-counters.ts';
import { buildDocument } from '../../src/http/openapi-document.ts';
import { takeRawBodies } from '../../src/http/raw-body.ts';
import { NO_SCHEMA_COMPILERS } from '../../src/http/schema-compilers.ts';
import type { GroupBroker } from '../../src/membership/group-broker.ts';
import { HEADER_BYTES_MAX } from '../../src/model/limits.ts';
import type { Ask } from './conformance.ts';
import { conformingAsk } from './conformance.ts';
import { FakeGroups, withGroups } from './fake-groups.ts';
import { httpContext } from './http-context.ts';
import { ManualClock } from './manual-clock.ts';
import type { MemoryBroker } from './memory-broker.ts';
import { createMemoryBroker } from './memory-broker.ts';
import { valued } from './stored-records.ts';

export class FakeGroupScene {
  readonly clock = new ManualClock();
  readonly memory: MemoryBroker = createMemoryBroker({ clock: this.clock });
  readonly groups = new FakeGroups();
  readonly broker: GroupBroker = withGroups(this.memory, this.groups);

  /** A topic with one batch in each partition: so many records, all written now. */
  async topic(name: string, ...counts: readonly number[]): Promise<void> {
    await this.memory.createTopic({ name, partitionCount: counts.length });
    for (const [partition, count] of counts.entries()) await this.produce(name, partition, count);
  }

  async produce(topic: string, partition: number, count: number): Promise<void> {
    if (count === 0) return;
    const record = valued('x', { timestamp: this.clock.wallMs() });
    const payload = {
      kind: 'records' as const,
      records: Array.from({ length: count }, () => record),
    };
    await this.memory.produce([{ topic, partition, payload }]);
  }

  /** By nobody. */
  async commit(group: string, topic: string, partition: number, offset: number): Promise<void> {
    const offsets = [{ topic, partition, offset, leaderEpoch: -1, metadata: '' }];
    await this.groups.commitOffsets({ group, memberId: '', generation: -1, offsets });
  }

  /** Topic, partition and offset of all that a group has committed. */
  async committed(group: string): Promise<string[]> {
    const offsets = await this.groups.fetchOffsets(group);
    return offsets.map(({ topic, partition, offset }) => `${topic}/${partition}=${offset}`);
  }

  /** The routes about groups and no others, held against their description. */
  async ask(): Promise<Ask> {
    const context = httpContext({ broker: this.memory, clock: this.clock });
    const app = fastify({
      schemaController: NO_SCHEMA_COMPILERS,
      routerOptions: { maxParamLength: HEADER_BYTES_MAX },
    });
    app.decorate('counters', new HttpCounters());
    takeRawBodies(app, context.settings.bodyBytesMax);
    answerErrors(app, context);
    registerGroups(app, this);
    return conformingAsk(
      app,
      await buildDocument((documented) => registerGroups(documented, this), context),
    );
  }
}

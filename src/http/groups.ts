/**
 * Groups from the outside: which there are, who is in them, how far they came and how far behind
 * they are, and moving or forgetting their offsets. What members do is in members.ts.
 */
import type { FastifyInstance } from 'fastify';
import type { GroupBroker } from '../membership/group-broker.ts';
import { groupLag } from '../membership/lag.ts';
import { resetOffsets } from '../membership/offset-reset.ts';
import type { Clock } from '../model/clock.ts';
import { readCommitBody } from './commit-body.ts';
import {
  COMMIT_OFFSETS,
  DELETE_GROUP,
  DESCRIBE_GROUP,
  GROUP_LAG,
  GROUP_OFFSETS,
  LIST_GROUPS,
  RESET_OFFSETS,
} from './group-descriptions.ts';
import { TOPIC_FILTER } from './group-parameters.ts';
import { groupShape, lagShape, listingShape, offsetShape, resetShape } from './group-shapes.ts';
import { GROUP } from './member-parameters.ts';
import { commit } from './offset-commit.ts';
import { readPath, readQuery } from './parameters.ts';
import { readResetBody } from './reset-body.ts';

export interface GroupsContext {
  readonly broker: GroupBroker;
  readonly clock: Clock;
}

export function registerGroups(app: FastifyInstance, { broker, clock }: GroupsContext): void {
  app.get('/groups', { schema: LIST_GROUPS }, async (request) => {
    readQuery(request, []);
    return { groups: (await broker.listGroups()).map(listingShape) };
  });

  app.get('/groups/:group', { schema: DESCRIBE_GROUP }, async (request) => {
    readQuery(request, []);
    return groupShape(await broker.describeGroup(GROUP.read(readPath(request))));
  });

  app.delete('/groups/:group', { schema: DELETE_GROUP }, async (request, reply) => {
    readQuery(request, []);
    await broker.deleteGroup(GROUP.read(readPath(request)));
    return reply.code(204).send();
  });

  app.get('/groups/:group/lag', { schema: GROUP_LAG }, async (request) => {
    readQuery(request, []);
    return lagShape(await groupLag(broker, clock, GROUP.read(readPath(request))));
  });

  app.get('/groups/:group/offsets', { schema: GROUP_OFFSETS }, async (request) => {
    const topic = TOPIC_FILTER.read(readQuery(request, [TOPIC_FILTER]));
    const committed = await broker.fetchOffsets(GROUP.read(readPath(request)));
    const asked =
      topic === undefined ? committed : committed.filter((each) => each.topic === topic);
    return { offsets: asked.map(offsetShape) };
  });

  app.post('/groups/:group/offsets', { schema: COMMIT_OFFSETS }, async (request) => {
    readQuery(request, []);
    const group = GROUP.read(readPath(request));
    const committed = await commit(broker, group, readCommitBody(request, group));
    return { offsets: committed.map(offsetShape) };
  });

  app.post('/groups/:group/offsets/reset', { schema: RESET_OFFSETS }, async (request) => {
    readQuery(request, []);
    const wish = { group: GROUP.read(readPath(request)), ...readResetBody(request) };
    const { group, topic, dryRun } = wish;
    const partitions = (await resetOffsets(broker, wish)).map(resetShape);
    return { group, topic, dry_run: dryRun, partitions };
  });
}

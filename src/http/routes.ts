/** Every route of the HTTP face. A module of routes is added here and nowhere else. */
import type { FastifyInstance } from 'fastify';
import type { HttpContext } from './context.ts';
import { registerFetch } from './fetch.ts';
import type { RegisterRoutes } from './openapi.ts';
import { registerOpenApi } from './openapi.ts';
import { registerGroups } from './groups.ts';
import { registerMembers } from './members.ts';
import { registerPartitions } from './partitions.ts';
import { registerProduce } from './produce.ts';
import { registerProducers } from './producers.ts';
import { registerService } from './service.ts';
import { registerTopics } from './topics.ts';
import { registerV2Consumers } from './v2-consumers.ts';

const MODULES: readonly RegisterRoutes[] = [
  registerService,
  registerTopics,
  registerPartitions,
  registerProduce,
  registerProducers,
  registerFetch,
  registerGroups,
  registerMembers,
  registerV2Consumers,
];

export function registerRoutes(app: FastifyInstance, context: HttpContext): void {
  for (const register of MODULES) register(app, context);
  registerOpenApi(app, context, registerRoutes);
}

/** Routes about topics. */
import type { FastifyInstance } from 'fastify';
import type { HttpContext } from './context.ts';

export function registerTopics(app: FastifyInstance, context: HttpContext): void {
  app.get('/topics', async () => (await context.broker.listTopics()).map((topic) => topic.name));
}

/** Routes about the server itself. */
import type { FastifyInstance } from 'fastify';
import type { HttpContext } from './context.ts';

export function registerService(app: FastifyInstance, context: HttpContext): void {
  app.get('/', () => ({ name: 'millrace', version: context.settings.version }));
}

/** Routes about the server itself: what it is, whether it lives, whether it serves, its figures. */
import type { FastifyInstance } from 'fastify';
import type { BrokerHealth } from '../broker/broker.ts';
import { MillraceError } from '../model/errors.ts';
import { HEALTH_PARTITIONS_NAMED_MAX } from '../model/limits.ts';
import type { HttpContext } from './context.ts';
import type { Metrics } from './metrics.ts';
import { readQuery } from './parameters.ts';
import { LIVE, METRICS, READY, ROOT } from './service-descriptions.ts';

/** Probes and scrapes go on while the server stops. */
const ALWAYS = { alwaysAnswered: true };

const LINKS = Object.freeze({
  docs: '/docs',
  openapi: '/openapi.json',
  topics: '/topics',
  live: '/health/live',
  ready: '/health/ready',
  metrics: '/metrics',
});

export function registerService(app: FastifyInstance, context: HttpContext): void {
  const { broker, settings, stopping, moreFamilies } = context;

  app.get('/', { schema: ROOT }, (request) => {
    readQuery(request, []);
    return { name: 'millrace', version: settings.version, links: LINKS };
  });

  app.get('/health/live', { schema: LIVE, config: ALWAYS }, () => ({ status: 'live' }));

  app.get('/health/ready', { schema: READY, config: ALWAYS }, () => {
    const health = broker.health();
    if (stopping.aborted || health.state === 'stopping') {
      throw new MillraceError('SHUTTING_DOWN', 'the server is stopping', {
        details: { ...notOnline(health) },
      });
    }
    return { status: 'ready', ...notOnline(health) };
  });

  let metrics: Promise<Metrics> | undefined;
  app.get('/metrics', { schema: METRICS, config: ALWAYS }, async (_request, reply) => {
    metrics ??= import('./metrics.ts').then(({ loadMetrics }) =>
      loadMetrics({ broker, counters: app.counters, version: settings.version, moreFamilies }),
    );
    const { contentType, scrape } = await metrics;
    return reply.header('content-type', contentType).send(await scrape());
  });
}

interface NotOnline {
  readonly not_online_count: number;
  readonly not_online: BrokerHealth['notOnline'];
}

function notOnline(health: BrokerHealth): NotOnline {
  return {
    not_online_count: health.notOnline.length,
    not_online: health.notOnline.slice(0, HEALTH_PARTITIONS_NAMED_MAX),
  };
}

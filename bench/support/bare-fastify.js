// Bare Fastify: what a POST costs in this framework before anything is kept.
import { fastify } from 'fastify';

const app = fastify({ logger: false, bodyLimit: 16_777_216 });
app.post('/topics/:topic', async (request) => ({ offsets: request.body.records.length }));
await app.listen({ port: Number(process.argv[2]), host: '127.0.0.1' });
process.on('SIGTERM', () => process.exit(0));

// Bare Fastify with group commit and nothing else: one write and one fdatasync for all requests
// that wait. No check, no format, no index, no reading back: the least that "durable" can cost
// here, and so the limit for whoever answers each request by itself after fdatasync.
import { fdatasync, openSync, writeSync } from 'node:fs';
import { fastify } from 'fastify';

const [port, path] = process.argv.slice(2);
const file = openSync(path, 'w');
let offset = 0;
let waiting = [];
let isFlushing = false;

function flush() {
  const flushed = waiting;
  waiting = [];
  writeSync(file, Buffer.concat(flushed.map(({ bytes }) => bytes)));
  fdatasync(file, (error) => {
    if (error !== null) throw error;
    // The next flush is on its way while these are answered.
    isFlushing = waiting.length > 0;
    if (isFlushing) flush();
    for (const { reply } of flushed) reply.send({ offsets: [{ partition: 0, offset: offset++ }] });
  });
}

const app = fastify({ logger: false, bodyLimit: 16_777_216 });
app.post('/topics/:topic', (request, reply) => {
  waiting.push({ bytes: Buffer.from(JSON.stringify(request.body)), reply });
  if (isFlushing) return;
  isFlushing = true;
  setImmediate(flush);
});
await app.listen({ port: Number(port), host: '127.0.0.1' });
process.on('SIGTERM', () => process.exit(0));

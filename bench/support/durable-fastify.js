// Bare Fastify with group commit and nothing else: one write and one fdatasync for all requests
// that wait. No check, no format, no index, no reading back: the least that "durable" can cost
// here, and so the limit for whoever answers each request by itself after fdatasync.
import { fdatasync, openSync, writev, writevSync } from 'node:fs';
import { fastify } from 'fastify';

const [port, path] = process.argv.slice(2);
const file = openSync(path, 'w');
let offset = 0;
let end = 0;
let waiting = [];
const followers = new Set();
let isFlushing = false;

function flush() {
  const flushed = waiting;
  waiting = [];
  const chunks = flushed.map(({ bytes }) => bytes);
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const position = end;
  end += length;
  write(chunks, length, position, () => {
    fdatasync(file, (error) => {
      if (error !== null) throw error;
      // The next flush is on its way while these are answered.
      isFlushing = waiting.length > 0;
      if (isFlushing) flush();
      for (const { bytes, reply } of flushed) {
        reply.send({ offsets: [{ partition: 0, offset: offset++ }] });
        for (const follower of followers) follower.write(`data:${bytes}\n\n`);
      }
    });
  });
}

// Small writes at once, large ones in the thread pool: whichever costs less.
function write(chunks, length, position, done) {
  if (length <= 65_536) {
    writevSync(file, chunks, position);
    done();
    return;
  }
  writev(file, chunks, position, (error, written) => {
    if (error !== null) throw error;
    if (written !== length) throw new Error(`${written} of ${length} bytes were written`);
    done();
  });
}

function keep(bytes, reply) {
  waiting.push({ bytes, reply });
  if (isFlushing) return;
  isFlushing = true;
  setImmediate(flush);
}

const app = fastify({ logger: false, bodyLimit: 16_777_216 });
// Encoded batches as the bytes that they are.
app.addContentTypeParser(
  'application/vnd.kafka.recordbatch',
  { parseAs: 'buffer' },
  (_request, body, done) => done(null, body),
);
app.post('/topics/:topic', (request, reply) => {
  keep(Buffer.from(JSON.stringify(request.body)), reply);
});
app.post('/topics/:topic/partitions/:partition', (request, reply) => {
  keep(request.body, reply);
});
// Whoever follows is shown every body, once it is kept.
app.get('/topics/:topic/partitions/:partition/records', (_request, reply) => {
  reply.hijack();
  reply.raw.writeHead(200, { 'content-type': 'text/event-stream' });
  reply.raw.flushHeaders();
  followers.add(reply.raw);
  reply.raw.once('close', () => followers.delete(reply.raw));
});
await app.listen({ port: Number(port), host: '127.0.0.1' });
process.on('SIGTERM', () => process.exit(0));

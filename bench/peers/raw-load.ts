/**
 * Load over plain sockets for whatever has no generator of its own: requests that were encoded
 * before, so many connections, so many unanswered on each. One thread and no promise a request,
 * because what the generator costs is missing to the server beside it.
 */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';

export interface RawLoad {
  readonly port: number;
  readonly connections: number;
  /** Requests of a connection that wait for their answer. */
  readonly inFlight: number;
  readonly seconds: number;
  /** Goes first on each connection, without an answer that counts. */
  readonly greeting?: (lane: number) => Buffer;
  /** The next request of a connection. */
  readonly request: (lane: number) => Buffer;
  /** For each connection: what has arrived completes so many answers; throws when one is a refusal. */
  readonly reader: (socket: Socket) => (chunk: Buffer) => number;
}

/** Answers a second. Resolves when every answer is there, so that nothing is left for who comes next. */
export async function rawRate(load: RawLoad): Promise<number> {
  const sockets = await Promise.all(
    Array.from({ length: load.connections }, () => connected(load.port)),
  );
  try {
    const beganMs = performance.now();
    const endMs = beganMs + load.seconds * 1000;
    const counts = await Promise.all(
      sockets.map((socket, lane) => drive({ load, socket, lane, endMs })),
    );
    return counts.reduce((sum, each) => sum + each, 0) / load.seconds;
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

interface Lane {
  readonly load: RawLoad;
  readonly socket: Socket;
  readonly lane: number;
  readonly endMs: number;
}

/** Answers that came in time. */
function drive({ load, socket, lane, endMs }: Lane): Promise<number> {
  const read = load.reader(socket);
  const send = (count: number): void => {
    socket.cork();
    for (let each = 0; each < count; each += 1) socket.write(load.request(lane));
    socket.uncork();
  };
  return new Promise((resolve, reject) => {
    let [inTime, waiting] = [0, load.inFlight];
    socket.on('data', (chunk: Buffer) => {
      try {
        const answers = read(chunk);
        if (performance.now() < endMs) {
          inTime += answers;
          if (answers > 0) send(answers);
        } else {
          waiting -= answers;
          if (waiting === 0) resolve(inTime);
        }
      } catch (error) {
        reject(asError(error));
      }
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the server has closed a connection')));
    if (load.greeting !== undefined) socket.write(load.greeting(lane));
    send(load.inFlight);
  });
}

/** A connection for one request after the other. */
export interface Dialogue {
  /** Resolves when so many answers are there. */
  ask(request: Buffer, answers?: number): Promise<void>;
  end(): void;
}

export async function dialogue(
  port: number,
  reader: RawLoad['reader'],
  greeting?: Buffer,
): Promise<Dialogue> {
  const socket = await connected(port);
  const read = reader(socket);
  // `close` follows.
  socket.on('error', () => {});
  if (greeting !== undefined) socket.write(greeting);
  return {
    ask: (request, answers = 1) =>
      new Promise((resolve, reject) => {
        let left = answers;
        const take = (chunk: Buffer): void => {
          try {
            left -= read(chunk);
            if (left === 0) settle();
          } catch (error) {
            settle(error);
          }
        };
        const lost = (): void => settle(new Error('the server has closed the connection'));
        const settle = (error?: unknown): void => {
          socket.off('data', take).off('close', lost);
          if (error === undefined) resolve();
          else reject(asError(error));
        };
        socket.on('data', take).on('close', lost);
        socket.write(request);
      }),
    end: () => void socket.destroy(),
  };
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

export async function connected(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  return socket;
}

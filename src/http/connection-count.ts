/**
 * Keeps the number of open connections within its limit, and says so to the ones above it: Node's
 * own `maxConnections` closes them without a word.
 */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { ConnectionPlaces } from '../broker/connection-places.ts';
import { REFUSED_CONNECTION_MS } from '../model/limits.ts';
import { HttpError } from './http-error.ts';
import type { HttpCounters } from './http-counters.ts';
import { socketAnswer } from './unreadable-requests.ts';

/** Must be called before the server listens. */
export function limitConnections(
  server: Server,
  counters: HttpCounters,
  places: ConnectionPlaces,
): void {
  server.maxConnections = places.max + places.refusedMax;
  // The listeners that `node:http` put there are held back, so that a refused connection has no
  // parser: a request in it must not be carried out after its sender was told 503.
  const accepting = server.listeners('connection') as ((socket: Socket) => void)[];
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    const leave = places.tryTake();
    if (leave === undefined) {
      counters.connectionsRefused += 1;
      refuse(socket, places.max);
      return;
    }
    counters.connectionsOpen += 1;
    counters.connectionsOpened += 1;
    socket.once('close', () => {
      counters.connectionsOpen -= 1;
      leave();
    });
    for (const accept of accepting) accept.call(server, socket);
  });
}

function refuse(socket: Socket, connectionsMax: number): void {
  const error = new HttpError(
    'TOO_MANY_CONNECTIONS',
    `all ${connectionsMax} connections that the server allows are in use`,
    { details: { connections_max: connectionsMax } },
  );
  // What the peer sends is read and dropped until it closes: closing over unread bytes would
  // reset the connection and take the answer with it.
  socket.on('error', () => socket.destroy());
  socket.setTimeout(REFUSED_CONNECTION_MS, () => socket.destroy());
  socket.resume();
  socket.end(socketAnswer(error));
}

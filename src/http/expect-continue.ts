/**
 * `Expect: 100-continue` (RFC 9110 section 10.1.1): curl asks so before it sends a large body. A
 * body above the limit is refused before it is sent; Node by itself would wave every one through.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

export function continueWithinLimit(server: Server, bodyBytesMax: number): void {
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    const announced = Number(request.headers['content-length'] ?? 0);
    if (announced <= bodyBytesMax) response.writeContinue();
    server.emit('request', request, response);
  });
  // Other expectations may be passed over; Node would answer 417 without a body.
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    server.emit('request', request, response);
  });
}

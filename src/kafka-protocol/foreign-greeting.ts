/**
 * Tells what a peer speaks that does not speak Kafka's protocol: the first bytes of HTTP and of
 * TLS are well known, and as sizes of requests they are absurd.
 */

const HTTP_STARTS = [
  'GET ',
  'POST',
  'PUT ',
  'HEAD',
  'DELE',
  'OPTI',
  'PATC',
  'CONN',
  'TRAC',
  'PRI ',
];
/** A TLS record of a handshake: type 22, version 3.x. */
const TLS_START = 0x1603;

/** What to say about a connection that began with these four bytes; undefined for anything else. */
export function foreignGreeting(start: number): string | undefined {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(start);
  if (HTTP_STARTS.includes(bytes.toString('latin1'))) {
    return 'HTTP is spoken at another port, see --http-port; this one takes the Kafka protocol';
  }
  if (bytes.readUInt16BE(0) === TLS_START) {
    return 'TLS is not spoken here: set security.protocol to PLAINTEXT, or ssl to off';
  }
  return undefined;
}

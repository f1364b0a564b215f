/** Who is at the other end of a connection, and by which address of ours they came. */
import type { Socket } from 'node:net';
import type { HostAndPort } from './context.ts';

export interface Peer {
  /** The address of this machine that was asked for. */
  readonly local: HostAndPort;
  readonly remote: HostAndPort;
}

export function peerOf(socket: Socket): Peer {
  return {
    local: { host: plain(socket.localAddress), port: socket.localPort ?? 0 },
    remote: { host: plain(socket.remoteAddress), port: socket.remotePort ?? 0 },
  };
}

/** An IPv4 address that a socket of both families maps into IPv6 is that of IPv4 to its clients. */
function plain(address = ''): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

export function addressText({ host, port }: HostAndPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

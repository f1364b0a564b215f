import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { addressText, peerOf } from '../../src/kafka-protocol/peer.ts';

test('an IPv4 address mapped into IPv6 is shown as itself, an IPv6 address as it is', () => {
  const socket = {
    localAddress: '::ffff:10.0.0.1',
    localPort: 9092,
    remoteAddress: '::1',
    remotePort: 5,
  } as Socket;
  expect(peerOf(socket)).toEqual({
    local: { host: '10.0.0.1', port: 9092 },
    remote: { host: '::1', port: 5 },
  });
});

test('a socket that is closed already has no addresses', () => {
  const nowhere = { host: '', port: 0 };
  expect(peerOf({} as Socket)).toEqual({ local: nowhere, remote: nowhere });
});

test('an IPv6 address stands in brackets before its port', () => {
  expect(addressText({ host: '::1', port: 9092 })).toBe('[::1]:9092');
  expect(addressText({ host: 'a.test', port: 9092 })).toBe('a.test:9092');
});

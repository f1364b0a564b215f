/** A peer that sends whatever bytes it likes, and whoever must not notice it. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { expect } from 'vitest';
import type { ListeningApp } from './http-app.ts';
import { parseAnswers } from './http-app.ts';

export interface Heard {
  /** Of the answers, in their order. */
  readonly statuses: readonly number[];
  readonly text: string;
}

/** Sends `bytes`, and with `isLast` says that no more will come; hears until the server closes. */
export async function hear(
  port: number,
  bytes: string | Uint8Array,
  { isLast = false }: { readonly isLast?: boolean } = {},
): Promise<Heard> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  // A reset is a way to close, too.
  socket.on('error', () => socket.destroy());
  socket.on('end', () => socket.end());
  if (isLast) socket.end(bytes);
  else socket.write(bytes);
  await closed(socket);
  const text = Buffer.concat(chunks).toString('latin1');
  return { statuses: parseAnswers(text).map(({ status }) => status), text };
}

/** In order or by a reset: `once` would take a reset for a failure of the test. */
export function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once('close', () => resolve());
  });
}

/** Many connections with the same bytes; the peer neither sends more nor reads. */
export async function leaveOpen(
  port: number,
  count: number,
  bytes: string | Uint8Array = '',
): Promise<Socket[]> {
  const sockets: Socket[] = [];
  for (let index = 0; index < count; index++) {
    const socket = connect(port, '127.0.0.1').pause();
    socket.on('error', () => {});
    sockets.push(socket);
    await once(socket, 'connect');
    if (bytes.length > 0) socket.write(bytes);
  }
  return sockets;
}

/** That somebody else can produce and read, right now, on a connection of its own. */
export async function expectServed({ url }: Pick<ListeningApp, 'url'>): Promise<void> {
  const value = Math.random();
  const produced = await fetch(`${url}/topics/served`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', connection: 'close' },
    body: JSON.stringify({ records: [{ value }] }),
  });
  expect(produced.status).toBe(200);
  const { offsets } = (await produced.json()) as { offsets: { offset: number }[] };
  const at = `${url}/topics/served/partitions/0/records/${offsets[0]?.offset}`;
  expect(await (await fetch(at)).json()).toMatchObject({ value });
}

/** The lines of a request's head and the empty one behind them. */
export function head(...lines: readonly string[]): string {
  return [...lines, '', ''].join('\r\n');
}

/**
 * The protocol of NATS as far as a load needs it: lines, and messages that are counted and looked at
 * without being taken apart.
 */
import type { Socket } from 'node:net';
import { connected } from './raw-load.ts';

/** Speaks first on each connection; what is sent to the inbox comes back as messages. */
export function greeting(inbox: string): Buffer {
  const options = { verbose: false, pedantic: false, headers: true, no_responders: true };
  return Buffer.from(`CONNECT ${JSON.stringify(options)}\r\nSUB ${inbox} 1\r\n`);
}

export interface Publish {
  readonly subject: string;
  readonly reply?: string;
  /** Lines `Name: value`. */
  readonly headers?: readonly string[];
  readonly payload?: Buffer | string;
}

export function publish({ subject, reply, headers, payload = '' }: Publish): Buffer {
  const to = reply === undefined ? subject : `${subject} ${reply}`;
  const bytes = Buffer.from(payload);
  const end = Buffer.from('\r\n');
  if (headers === undefined) {
    return Buffer.concat([Buffer.from(`PUB ${to} ${bytes.length}\r\n`), bytes, end]);
  }
  const head = Buffer.from(`NATS/1.0\r\n${headers.join('\r\n')}\r\n\r\n`);
  const line = Buffer.from(`HPUB ${to} ${head.length} ${head.length + bytes.length}\r\n`);
  return Buffer.concat([line, head, bytes, end]);
}

/** Calls `onMessage` for each message that is whole; `at` is where its headers or payload begin. */
export function messages(
  socket: Socket,
  onMessage: (bytes: Buffer, at: number, end: number) => void,
): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    for (;;) {
      const lineEnd = bytes.indexOf(10, at);
      if (lineEnd === -1) break;
      const kind = bytes[at];
      let next = lineEnd + 1;
      if (kind === MSG || kind === HMSG) {
        next += lastNumber(bytes, lineEnd) + 2;
        if (next > bytes.length) break;
        onMessage(bytes, lineEnd + 1, next - 2);
      } else if (kind === MINUS) {
        throw new Error(bytes.toString('latin1', at, lineEnd));
      } else if (bytes.toString('latin1', at, at + 4) === 'PING') {
        socket.write('PONG\r\n');
      }
      at = next;
    }
    rest = bytes.subarray(at);
  };
}

const [MSG, HMSG, MINUS] = ['M', 'H', '-'].map((each) => each.charCodeAt(0));

/** The total size stands last in the line of a message. */
function lastNumber(bytes: Buffer, lineEnd: number): number {
  let [value, unit] = [0, 1];
  for (let at = lineEnd - 2; bytes[at] !== 32; at -= 1) {
    value += ((bytes[at] as number) - 48) * unit;
    unit *= 10;
  }
  return value;
}

/** One request of JetStream's own, and its answer; throws when it is a refusal. */
export async function ask(port: number, subject: string, body: object = {}): Promise<unknown> {
  const socket = await connected(port);
  const answer = new Promise<string>((resolve, reject) => {
    const read = messages(socket, (bytes, at, end) => resolve(bytes.toString('utf8', at, end)));
    socket.on('data', read);
    socket.once('error', reject);
  });
  socket.write(greeting('_INBOX.ask'));
  socket.write(publish({ subject, reply: '_INBOX.ask', payload: JSON.stringify(body) }));
  const text = await answer;
  socket.destroy();
  const found = text.startsWith('{') ? (JSON.parse(text) as { error?: object }) : { error: text };
  if (found.error !== undefined) throw new Error(`${subject}: ${JSON.stringify(found.error)}`);
  return found;
}

/**
 * A Kafka client that knows nothing but frames: what a test writes goes out as it is, and answers
 * come back as readers of their bodies.
 */
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { KafkaReader } from '../../src/codec/kafka-reader.ts';
import { KafkaWriter } from '../../src/codec/kafka-writer.ts';
import type { AnswerFrame } from '../../src/kafka-protocol/answer-frame.ts';
import { apiOf } from '../../src/kafka-protocol/registry.ts';

export interface WireRequest {
  readonly key: number;
  readonly version: number;
  readonly correlationId?: number;
  readonly clientId?: string | null;
  /** Writes the body; nothing by default. */
  readonly body?: (writer: KafkaWriter) => void;
}

/** A whole frame. */
export function requestFrame(request: WireRequest): Buffer {
  const { key, version, correlationId = 1, clientId = 'test', body } = request;
  const writer = new KafkaWriter();
  writer.writeInt32(0);
  writer.writeInt16(key);
  writer.writeInt16(version);
  writer.writeInt32(correlationId);
  writer.writeNullableString(clientId);
  writer.isFlexible = version >= (apiOf(key)?.flexibleFrom ?? Infinity);
  writer.writeTags();
  body?.(writer);
  const frame = writer.written();
  frame.writeInt32BE(frame.length - 4);
  return frame;
}

/** The frame that a connection would have sent. */
export function wholeFrame(answer: AnswerFrame): Buffer {
  if (answer === undefined) throw new Error('there was no answer');
  return Buffer.concat(answer.parts);
}

/** The body of an answer to such a request, behind a header that is checked. */
export function answerBody(frame: Buffer, request: WireRequest): KafkaReader {
  const { key, version, correlationId = 1 } = request;
  const reader = new KafkaReader(frame, 'INVALID_REQUEST');
  if (reader.readInt32('size') !== frame.length - 4) throw new Error('a wrong size');
  if (reader.readInt32('correlation_id') !== correlationId) throw new Error('another answer');
  reader.isFlexible = version >= (apiOf(key)?.flexibleFrom ?? Infinity);
  if (key !== 18) reader.readTags('header');
  return reader;
}

export class KafkaWire {
  readonly socket: Socket;
  /** Resolves with what came behind the last whole answer, once the server has closed. */
  readonly closed: Promise<Buffer>;
  #received: Buffer = Buffer.alloc(0);
  readonly #waiting: ((frame: Buffer | undefined) => void)[] = [];

  static connect(port: number): Promise<KafkaWire> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => resolve(new KafkaWire(socket)));
      socket.once('error', reject);
    });
  }

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => {});
    socket.on('data', (bytes: Buffer) => {
      this.#received = Buffer.concat([this.#received, bytes]);
      this.#give();
    });
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        for (const give of this.#waiting.splice(0)) give(undefined);
        resolve(this.#received);
      });
    });
  }

  send(...frames: readonly (Buffer | string)[]): void {
    for (const frame of frames) this.socket.write(frame);
  }

  /** The next answer, whole; rejects when the server closes instead. */
  async next(): Promise<Buffer> {
    const frame = await new Promise<Buffer | undefined>((resolve) => {
      this.#waiting.push(resolve);
      this.#give();
      if (this.socket.destroyed) resolve(undefined);
    });
    if (frame === undefined) throw new Error('the connection was closed');
    return frame;
  }

  async ask(request: WireRequest): Promise<KafkaReader> {
    this.send(requestFrame(request));
    return answerBody(await this.next(), request);
  }

  destroy(): void {
    this.socket.destroy();
  }

  #give(): void {
    while (this.#waiting.length > 0 && this.#received.length >= 4) {
      const end = 4 + this.#received.readInt32BE();
      if (this.#received.length < end) return;
      this.#waiting.shift()?.(this.#received.subarray(0, end));
      this.#received = this.#received.subarray(end);
    }
  }
}

/**
 * One connection: requests are begun in the order they come, without waiting for the answers of
 * those before, and answered in that order. It promises bounded memory: when too much is begun and
 * not answered, or answers are not taken, the socket is read no more until that is better. A parked
 * request holds nothing up but the answers behind it.
 */
import type { Socket } from 'node:net';
import { MillraceError } from '../model/errors.ts';
import {
  KAFKA_IDLE_MS,
  KAFKA_PIPELINED_BYTES_MAX,
  KAFKA_PIPELINED_REQUESTS_MAX,
  KAFKA_UNTAKEN_BYTES_MAX,
  READER_STALL_MS,
  REQUEST_TIMEOUT_MS,
} from '../model/limits.ts';
import type { Answer, AnswerFrame, Caller } from './answer-frame.ts';
import { answerFrame } from './answer-frame.ts';
import type { AnswerPlace } from './answer-queue.ts';
import { AnswerQueue } from './answer-queue.ts';
import { authenticateAll } from './authentication.ts';
import type { KafkaContext } from './context.ts';
import { FrameAssembler } from './frame-assembler.ts';
import { addressText, peerOf } from './peer.ts';
import type { RequestBudget } from './request-budget.ts';
import { Admission } from './request-budget.ts';
import { Turns } from './turns.ts';
import { UntakenAnswers } from './untaken-answers.ts';

export class Connection {
  readonly #context: KafkaContext;
  readonly #socket: Socket;
  readonly #caller: Caller;
  readonly #gone = new AbortController();
  readonly #goneOrStopping = new AbortController();
  readonly #admission: Admission;
  readonly #frames: FrameAssembler;
  readonly #answers = new AnswerQueue((answer) => this.#send(answer));
  readonly #untaken: UntakenAnswers;
  #isCorked = false;
  #isPaused = false;
  /** No request is begun any more. */
  #isEnding = false;
  /** When bytes last came or the last answer was ready, and when the frame under way began. */
  #activeMs: number;
  #frameBegunMs: number;

  /** The socket is to be paused; it is read from now on. */
  constructor(socket: Socket, context: KafkaContext, budget: RequestBudget) {
    this.#context = context;
    this.#socket = socket;
    this.#caller = {
      context,
      peer: peerOf(socket),
      authentication: authenticateAll(),
      signal: this.#goneOrStopping.signal,
      gone: this.#gone.signal,
      fetchTurns: new Turns(),
    };
    this.#admission = new Admission(budget, () => this.#proceed());
    this.#frames = new FrameAssembler({
      bytesMax: context.settings.requestBytesMax,
      admit: (bytes) => this.#admission.admit(bytes),
    });
    this.#untaken = new UntakenAnswers(socket);
    this.#activeMs = context.clock.monotonicMs();
    this.#frameBegunMs = this.#activeMs;
    socket.on('data', this.#receive);
    socket.on('drain', () => this.#proceed());
    socket.once('close', () => this.#closed());
    socket.resume();
  }

  /** Ends it when one of its time limits has passed. */
  check(nowMs: number): void {
    if (this.#untaken.stalledMs(nowMs) > READER_STALL_MS) {
      this.#fault(tooSlow(`it took nothing of its answers for ${READER_STALL_MS} ms`));
    } else if (this.#frames.isWithinFrame) {
      // What is not read for a reason of ours is not the peer's delay.
      if (this.#isPaused || nowMs - this.#frameBegunMs <= REQUEST_TIMEOUT_MS) return;
      this.#fault(tooSlow(`a request was not complete after ${REQUEST_TIMEOUT_MS} ms`));
    } else if (this.#answers.count === 0 && nowMs - this.#activeMs > KAFKA_IDLE_MS) {
      this.#socket.destroy();
    }
  }

  /** Begins nothing more, has the parked requests answer, and closes behind the last answer. */
  stop(): void {
    this.#isEnding = true;
    // What still comes is dropped: closing over unread bytes would reset the connection and could
    // take the last answers with it.
    this.#socket.off('data', this.#receive);
    this.#socket.resume();
    this.#goneOrStopping.abort();
    this.#endBehindAnswers();
  }

  readonly #receive = (bytes: Buffer): void => {
    this.#activeMs = this.#context.clock.monotonicMs();
    if (!this.#frames.isWithinFrame) this.#frameBegunMs = this.#activeMs;
    this.#frames.push(bytes);
    this.#proceed();
  };

  /** Begins what may begin, and reads on as far as that leaves room. */
  #proceed(): void {
    if (this.#isEnding) return;
    try {
      while (this.#hasRoom()) {
        const frame = this.#frames.next();
        if (frame === undefined) break;
        this.#frameBegunMs = this.#activeMs;
        this.#begin(frame);
      }
    } catch (error) {
      this.#fault(error);
      return;
    }
    this.#pause(!this.#hasRoom() || this.#frames.isHeldUp);
  }

  #hasRoom(): boolean {
    const { count, bytes, readyBytes } = this.#answers;
    return (
      count < KAFKA_PIPELINED_REQUESTS_MAX &&
      bytes < KAFKA_PIPELINED_BYTES_MAX &&
      this.#socket.writableLength + readyBytes < KAFKA_UNTAKEN_BYTES_MAX
    );
  }

  #pause(isPaused: boolean): void {
    if (isPaused === this.#isPaused) return;
    this.#isPaused = isPaused;
    if (isPaused) {
      this.#socket.pause();
    } else {
      this.#frameBegunMs = this.#context.clock.monotonicMs();
      this.#socket.resume();
    }
  }

  #begin(frame: Buffer): void {
    const place = this.#answers.begin(frame.length);
    let answer: AnswerFrame | Promise<AnswerFrame>;
    try {
      answer = answerFrame(frame, this.#caller);
    } catch (error) {
      this.#end(place, undefined);
      throw error;
    }
    if (!(answer instanceof Promise)) {
      this.#end(place, answer);
      return;
    }
    void this.#endLater(place, answer);
  }

  async #endLater(place: AnswerPlace, answer: Promise<AnswerFrame>): Promise<void> {
    let later: AnswerFrame;
    try {
      later = await answer;
    } catch (error) {
      this.#fault(error);
    }
    this.#end(place, later);
    if (this.#isPaused) this.#proceed();
  }

  #end(place: AnswerPlace, answer: AnswerFrame): void {
    this.#activeMs = this.#context.clock.monotonicMs();
    this.#answers.end(place, answer);
    this.#admission.give(place.bytes);
    if (this.#isEnding) this.#endBehindAnswers();
  }

  /** What is ready in one turn leaves in one write. */
  #send({ parts, release }: Answer): void {
    if (this.#socket.destroyed) {
      release();
      return;
    }
    if (!this.#isCorked) {
      this.#isCorked = true;
      this.#socket.cork();
      process.nextTick(() => {
        this.#isCorked = false;
        this.#socket.uncork();
      });
    }
    const last = parts.length - 1;
    // The callback comes when it was taken, and when the socket goes, too.
    for (const [index, part] of parts.entries()) {
      if (index === last) this.#socket.write(part, release);
      else this.#socket.write(part);
    }
  }

  #endBehindAnswers(): void {
    if (this.#answers.count === 0) this.#socket.end();
  }

  /** One line in the log, without a byte of what was sent. */
  #fault(error: unknown): void {
    const { log, counters } = this.#context;
    const peer = addressText(this.#caller.peer.remote);
    if (!(error instanceof MillraceError)) {
      log.error({ peer, error }, 'a Kafka request met a fault of the server');
    } else if (!this.#isEnding) {
      const { message, details } = error;
      log.warn({ peer, ...details }, `closed a Kafka connection: ${message}`);
    }
    if (!this.#isEnding) counters.connectionsFaulted += 1;
    this.#isEnding = true;
    this.#socket.destroy();
  }

  #closed(): void {
    this.#isEnding = true;
    this.#gone.abort();
    this.#goneOrStopping.abort();
    const { admittedBytes } = this.#frames;
    this.#admission.close();
    this.#admission.give(admittedBytes);
  }
}

function tooSlow(message: string): MillraceError {
  return new MillraceError('INVALID_REQUEST', message);
}

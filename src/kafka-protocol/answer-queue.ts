/** Answers leave a connection in the order of its requests, whichever is ready first. */
import type { Answer, AnswerFrame } from './answer-frame.ts';

/** The place of one request's answer. */
export interface AnswerPlace {
  /** Of the request. */
  readonly bytes: number;
  isReady: boolean;
  answer: AnswerFrame;
}

export class AnswerQueue {
  readonly #send: (answer: Answer) => void;
  readonly #places: AnswerPlace[] = [];
  #bytes = 0;
  #readyBytes = 0;

  constructor(send: (answer: Answer) => void) {
    this.#send = send;
  }

  /** Requests that are not answered yet. */
  get count(): number {
    return this.#places.length;
  }

  /** Of these requests. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Of the answers that are ready and wait for those before them. */
  get readyBytes(): number {
    return this.#readyBytes;
  }

  /** The next place. */
  begin(bytes: number): AnswerPlace {
    const place: AnswerPlace = { bytes, isReady: false, answer: undefined };
    this.#places.push(place);
    this.#bytes += bytes;
    return place;
  }

  /** Fills a place; undefined = this request has no answer. */
  end(place: AnswerPlace, answer: AnswerFrame): void {
    place.isReady = true;
    place.answer = answer;
    this.#readyBytes += bytesOf(answer);
    for (let first = this.#places[0]; first?.isReady === true; first = this.#places[0]) {
      this.#places.shift();
      this.#bytes -= first.bytes;
      this.#readyBytes -= bytesOf(first.answer);
      if (first.answer !== undefined) this.#send(first.answer);
    }
  }
}

function bytesOf(answer: AnswerFrame): number {
  return answer?.parts.reduce((sum, part) => sum + part.length, 0) ?? 0;
}

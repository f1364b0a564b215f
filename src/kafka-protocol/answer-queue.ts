/** Answers leave a connection in the order of its requests, whichever is ready first. */

/** The place of one request's answer. */
export interface AnswerPlace {
  /** Of the request. */
  readonly bytes: number;
  isReady: boolean;
  answer: Buffer | undefined;
}

export class AnswerQueue {
  readonly #send: (answer: Buffer) => void;
  readonly #places: AnswerPlace[] = [];
  #bytes = 0;

  constructor(send: (answer: Buffer) => void) {
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

  /** The next place. */
  begin(bytes: number): AnswerPlace {
    const place: AnswerPlace = { bytes, isReady: false, answer: undefined };
    this.#places.push(place);
    this.#bytes += bytes;
    return place;
  }

  /** Fills a place; undefined = this request has no answer. */
  end(place: AnswerPlace, answer: Buffer | undefined): void {
    place.isReady = true;
    place.answer = answer;
    for (let first = this.#places[0]; first?.isReady === true; first = this.#places[0]) {
      this.#places.shift();
      this.#bytes -= first.bytes;
      if (first.answer !== undefined) this.#send(first.answer);
    }
  }
}

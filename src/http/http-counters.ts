/**
 * What the HTTP face counts, in plain numbers that cost next to nothing to raise; `/metrics`
 * reads them. Requests are counted when their answer is handed to the socket, so a duration is
 * the server's own share and holds no time of a slow reader.
 */

/** Upper bounds of the duration buckets, in seconds; one more counts all. */
export const DURATION_BUCKETS_S: readonly number[] = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];

export interface RouteCounter {
  readonly method: string;
  /** The route's pattern, never the URL: the number of routes bounds the number of counters. */
  readonly route: string;
  /** Answers by the first digit of their status: [2] holds 2xx. */
  readonly answers: number[];
  /** Answers by duration, not cumulated; the last holds what is longer than every bound. */
  readonly durations: number[];
  durationSumS: number;
}

export class HttpCounters {
  readonly routes: RouteCounter[] = [];
  connectionsOpen = 0;
  connectionsOpened = 0;
  /** Closed with 503 because too many were open. */
  connectionsRefused = 0;
  /** Requests that were no HTTP, too slow or too large before a route could be found. */
  requestsUnreadable = 0;
  /** Requests for what is not served, and with URLs that cannot be decoded. */
  requestsUnrouted = 0;
  /** NDJSON and event streams being followed. */
  streamsOpen = 0;
  streamsOpened = 0;

  /** The counter of one route, made when the route is registered. */
  route(method: string, route: string): RouteCounter {
    const counter: RouteCounter = {
      method,
      route,
      answers: [0, 0, 0, 0, 0, 0],
      durations: Array.from({ length: DURATION_BUCKETS_S.length + 1 }, () => 0),
      durationSumS: 0,
    };
    this.routes.push(counter);
    return counter;
  }
}

export function countAnswer(counter: RouteCounter, status: number, durationMs: number): void {
  const statusClass = Math.trunc(status / 100);
  counter.answers[statusClass] = (counter.answers[statusClass] ?? 0) + 1;
  const seconds = durationMs / 1000;
  counter.durationSumS += seconds;
  let bucket = 0;
  while (bucket < DURATION_BUCKETS_S.length && seconds > (DURATION_BUCKETS_S[bucket] as number)) {
    bucket += 1;
  }
  counter.durations[bucket] = (counter.durations[bucket] as number) + 1;
}

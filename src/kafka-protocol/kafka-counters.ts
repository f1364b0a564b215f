/** What the Kafka face counts, in plain numbers that cost next to nothing to raise. */
export class KafkaCounters {
  connectionsOpen = 0;
  connectionsOpened = 0;
  /** Closed at once, because too many were open. */
  connectionsRefused = 0;
  /** Ended by the server: what they sent could not be read, or they took no answers. */
  connectionsFaulted = 0;
  /** Begun, by the name of the API: their number bounds that of the counters. */
  readonly requests = new Map<string, number>();

  countRequest(api: string): void {
    this.requests.set(api, (this.requests.get(api) ?? 0) + 1);
  }
}

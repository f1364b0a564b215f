/**
 * Who takes a place in which partition before whom, where not all can take it at once: requests
 * that one client sends without waiting for answers must not overtake each other, or an idempotent
 * producer's numbers come out of order.
 */
export class PlaceOrder {
  /** By partition: resolves when the last of those who wait has its place, or was refused one. */
  readonly #waiting = new Map<string, Promise<void>>();

  /** Resolves when nobody is ahead of the caller at any of these; undefined when nobody is now. */
  ahead(places: readonly string[]): Promise<unknown> | undefined {
    // The usual case costs no more than this.
    if (this.#waiting.size === 0) return undefined;
    const waiting = places.flatMap((place) => this.#waiting.get(place) ?? []);
    return waiting.length === 0 ? undefined : Promise.all(waiting);
  }

  /** Who comes later is behind the caller, until `placed` settles. */
  hold(places: readonly string[], placed: Promise<unknown>): void {
    const forget = (): void => {
      for (const place of places) {
        if (this.#waiting.get(place) === settled) this.#waiting.delete(place);
      }
    };
    const settled = placed.then(forget, forget);
    for (const place of places) this.#waiting.set(place, settled);
  }
}

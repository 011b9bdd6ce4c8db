interface ListenerOptions {
  readonly signal?: AbortSignal | InnerSignal;
}

/** What execa aborts where nobody else listens: a signal with the members that execa and Node's `once`, `on` and `finished` use. */
class InnerSignal {
  aborted = false;
  reason: unknown;
  readonly #listeners = new Set<() => void>();

  /** @param type always `abort`, which comes once */
  addEventListener(_type: string, listener: () => void, { signal }: ListenerOptions = {}): void {
    if (signal?.aborted) return;
    this.#listeners.add(listener);
    signal?.addEventListener('abort', () => this.removeEventListener('abort', listener));
  }

  removeEventListener(_type: string, listener: () => void): void {
    this.#listeners.delete(listener);
  }

  /** There is no limit to what listens. */
  setMaxListeners(): void {}

  /** Ends what listens, in the order in which it came. */
  end(reason: unknown): void {
    this.aborted = true;
    this.reason = reason;
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) listener();
  }
}

/** Why all of them end. One error with its stack for each signal would take a fifth of the time of a command. */
const REASON = new DOMException('This operation was aborted', 'AbortError');

/**
 * Stands in the place of the global class in execa, which makes five of them for each command and aborts them all at its
 * end: without events, and without an error for each.
 */
class InnerAbortController {
  readonly signal = new InnerSignal();

  abort(reason: unknown = REASON): void {
    if (!this.signal.aborted) this.signal.end(reason);
  }
}

export { InnerAbortController as AbortController };

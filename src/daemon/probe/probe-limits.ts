import {
  MAX_PROBE_SOURCES,
  PROBE_BURST_PER_SOURCE,
  PROBE_SIGNATURES_BURST,
  PROBE_SIGNATURES_PER_S,
  PROBES_PER_SOURCE_PER_S,
} from '../limits.ts';

/** How many probes are answered: a bucket for each source, and one for all, since a source can be forged. */
export interface ProbeLimits {
  /**
   * Takes an answer for this source; false: there is none left now.
   * @param nowMs of a monotonic clock
   * @param cost of its signature, as returned by `measureSignature`
   */
  take(source: string, nowMs: number, cost: number): boolean;
}

/** Tokens, of which so many come back each second. */
interface Bucket {
  tokens: number;
  atMs: number;
}

export function createProbeLimits(): ProbeLimits {
  const all: Bucket = { tokens: PROBE_SIGNATURES_BURST, atMs: 0 };
  /** In the order of their last question. */
  const sources = new Map<string, Bucket>();

  function find(source: string, nowMs: number): Bucket {
    const found = sources.get(source) ?? { tokens: PROBE_BURST_PER_SOURCE, atMs: nowMs };
    sources.delete(source);
    sources.set(source, found);
    const [oldest] = sources.keys();
    if (sources.size > MAX_PROBE_SOURCES && oldest !== undefined) sources.delete(oldest);
    return found;
  }

  return {
    take(source, nowMs, cost) {
      const own = find(source, nowMs);
      fill(own, nowMs, PROBES_PER_SOURCE_PER_S, PROBE_BURST_PER_SOURCE);
      fill(all, nowMs, PROBE_SIGNATURES_PER_S, PROBE_SIGNATURES_BURST);
      if (own.tokens < 1 || all.tokens < cost) return false;
      own.tokens--;
      all.tokens -= cost;
      return true;
    },
  };
}

function fill(bucket: Bucket, nowMs: number, perSecond: number, most: number): void {
  const more = ((nowMs - bucket.atMs) / 1000) * perSecond;
  bucket.tokens = Math.min(most, bucket.tokens + Math.max(0, more));
  bucket.atMs = nowMs;
}

import type { StreamCounts } from './segment.ts';

/** How many files a spool may have, and how large they are. */
export interface SpoolLimits {
  readonly segmentBytes: number;
  readonly headSegments: number;
  readonly tailSegments: number;
}

/** Where a reader that must not miss a byte stands: no file from there on is dropped. */
export interface Pin {
  segment: number;
}

/**
 * A spool that is being written, as its readers in the same process see it. The writer moves `last` and `offset` once
 * the bytes are in the file; whoever waits is told by `changed`.
 */
export interface LiveSpool {
  readonly limits: SpoolLimits;
  /** The file that is written; -1 before the first byte. */
  last: number;
  /** What of it can be read. */
  offset: number;
  /** The first file behind the head that was not dropped. */
  firstTail: number;
  /** Bytes that came, kept or not. */
  totals: [stdout: number, stderr: number];
  state: 'open' | 'ended';
  readonly pins: Set<Pin>;
  /** Resolves when something above has changed, or a pin. */
  changed: PromiseWithResolvers<void>;
}

export function createLiveSpool(limits: SpoolLimits): LiveSpool {
  return {
    limits,
    last: -1,
    offset: 0,
    firstTail: limits.headSegments,
    totals: [0, 0],
    state: 'open',
    pins: new Set(),
    changed: Promise.withResolvers(),
  };
}

/** Wakes all who wait for a change. */
export function reportChange(live: LiveSpool): void {
  const { changed } = live;
  live.changed = Promise.withResolvers();
  changed.resolve();
}

/** Bytes of both streams that are missing between two places. */
export function subtractCounts(from: StreamCounts, what: StreamCounts): StreamCounts {
  return [from[0] - what[0], from[1] - what[1]];
}

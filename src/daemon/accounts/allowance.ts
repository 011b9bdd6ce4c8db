import { ownerOf } from '../../auth/owner.ts';
import { isBound, type Principal } from '../../auth/principal.ts';
import type { Claimant } from '../../protocol/fair-pool.ts';
import {
  MAX_CHANNELS_PER_BOUND_KEY,
  MAX_CHANNELS_PER_KEY,
  MAX_CHANNELS_PER_USER,
  MAX_CONNECTIONS,
  MAX_CONNECTIONS_PER_BOUND_KEY,
  MAX_CONNECTIONS_PER_KEY,
  MAX_KILL_AFTER_BOUND_MS,
  MAX_KILL_AFTER_MS,
  MAX_REMEMBERED_RUNS,
  MAX_REMEMBERED_RUNS_OF_BOUND_KEY,
  MAX_REQUEST_BYTES,
  MAX_REQUEST_BYTES_OF_BOUND_KEY,
  MAX_REQUESTS_BYTES_PER_BOUND_KEY,
  MAX_REQUESTS_BYTES_PER_KEY,
  MAX_REQUESTS_BYTES_PER_USER,
  MAX_RUNS_PER_BOUND_KEY,
  MAX_RUNS_PER_KEY,
  MAX_RUNS_PER_USER,
} from '../../protocol/limits.ts';

/** What is shared by all principals of a daemon. */
export type Resource = 'connections' | 'channels' | 'requestBytes' | 'starts' | 'runs' | 'descriptors';

/** What one principal may have. */
export interface Allowance {
  /** At once. What is not named is bounded by the others' needs alone. */
  readonly most: Readonly<Partial<Record<Resource, number>>>;
  /** Of one request. */
  readonly maxRequestBytes: number;
  /** Ids of its runs that are remembered. */
  readonly rememberedRuns: number;
  /** From the polite signal to SIGKILL. */
  readonly killAfterMs: number;
}

/** Of this host's own user, on a Unix socket. */
const USER: Allowance = {
  most: {
    connections: MAX_CONNECTIONS,
    channels: MAX_CHANNELS_PER_USER,
    requestBytes: MAX_REQUESTS_BYTES_PER_USER,
    runs: MAX_RUNS_PER_USER,
  },
  maxRequestBytes: MAX_REQUEST_BYTES,
  rememberedRuns: MAX_REMEMBERED_RUNS,
  killAfterMs: MAX_KILL_AFTER_MS,
};

const KEY: Allowance = {
  most: {
    connections: MAX_CONNECTIONS_PER_KEY,
    channels: MAX_CHANNELS_PER_KEY,
    requestBytes: MAX_REQUESTS_BYTES_PER_KEY,
    runs: MAX_RUNS_PER_KEY,
  },
  maxRequestBytes: MAX_REQUEST_BYTES,
  rememberedRuns: MAX_REMEMBERED_RUNS,
  killAfterMs: MAX_KILL_AFTER_MS,
};

/** Of a key with a forced command, or under `restrict`. */
const BOUND_KEY: Allowance = {
  most: {
    connections: MAX_CONNECTIONS_PER_BOUND_KEY,
    channels: MAX_CHANNELS_PER_BOUND_KEY,
    requestBytes: MAX_REQUESTS_BYTES_PER_BOUND_KEY,
    runs: MAX_RUNS_PER_BOUND_KEY,
  },
  maxRequestBytes: MAX_REQUEST_BYTES_OF_BOUND_KEY,
  rememberedRuns: MAX_REMEMBERED_RUNS_OF_BOUND_KEY,
  killAfterMs: MAX_KILL_AFTER_BOUND_MS,
};

/** What this principal may have, by the rights that it has logged in with. */
export function allowanceOf(principal: Principal): Allowance {
  if (isBound(principal)) return BOUND_KEY;
  return principal.login === null ? USER : KEY;
}

/** Whose account it is. The user whose daemon it is has a reserve. */
export function claimantOf(principal: Principal): Claimant {
  return { owner: ownerOf(principal), isPrivileged: principal.login === null && !isBound(principal) };
}

import type { Principal, Rights } from '../../auth/principal.ts';
import type { Claimant } from '../../protocol/fair-pool.ts';
import type { Resource } from '../../services/service.ts';
import {
  MAX_CHANNELS_PER_BOUND_KEY,
  MAX_CHANNELS_PER_KEY,
  MAX_CHANNELS_PER_USER,
  MAX_CONNECTIONS,
  MAX_CONNECTIONS_PER_BOUND_KEY,
  MAX_CONNECTIONS_PER_KEY,
  MAX_DIALS_PER_BOUND_KEY,
  MAX_DIALS_PER_KEY,
  MAX_DIALS_PER_USER,
  MAX_FORWARDS_PER_BOUND_KEY,
  MAX_FORWARDS_PER_KEY,
  MAX_FORWARDS_PER_USER,
  MAX_LISTENERS_PER_BOUND_KEY,
  MAX_LISTENERS_PER_KEY,
  MAX_LISTENERS_PER_USER,
  MAX_REQUEST_BYTES,
  MAX_REQUEST_BYTES_OF_BOUND_KEY,
  MAX_REQUESTS_BYTES_PER_BOUND_KEY,
  MAX_REQUESTS_BYTES_PER_KEY,
  MAX_REQUESTS_BYTES_PER_USER,
  MAX_ROOMS_PER_KEY,
  MAX_ROOMS_PER_USER,
  MAX_RUNS_PER_BOUND_KEY,
  MAX_RUNS_PER_KEY,
  MAX_RUNS_PER_USER,
  MAX_TALKERS_PER_KEY,
  MAX_TALKERS_PER_USER,
  MAX_TRANSFERS_PER_BOUND_KEY,
  MAX_TRANSFERS_PER_KEY,
  MAX_TRANSFERS_PER_USER,
} from '../limits.ts';

/** What one principal may have. */
export interface Allowance {
  /** At once. What is not named is bounded by the others' needs alone. */
  readonly most: Readonly<Partial<Record<Resource, number>>>;
  /** Of one request. */
  readonly maxRequestBytes: number;
}

/** Of this host's own user, on a Unix socket. */
const USER: Allowance = {
  most: {
    connections: MAX_CONNECTIONS,
    channels: MAX_CHANNELS_PER_USER,
    requestBytes: MAX_REQUESTS_BYTES_PER_USER,
    runs: MAX_RUNS_PER_USER,
    forwards: MAX_FORWARDS_PER_USER,
    dials: MAX_DIALS_PER_USER,
    listeners: MAX_LISTENERS_PER_USER,
    talkers: MAX_TALKERS_PER_USER,
    rooms: MAX_ROOMS_PER_USER,
    transfers: MAX_TRANSFERS_PER_USER,
  },
  maxRequestBytes: MAX_REQUEST_BYTES,
};

const KEY: Allowance = {
  most: {
    connections: MAX_CONNECTIONS_PER_KEY,
    channels: MAX_CHANNELS_PER_KEY,
    requestBytes: MAX_REQUESTS_BYTES_PER_KEY,
    runs: MAX_RUNS_PER_KEY,
    forwards: MAX_FORWARDS_PER_KEY,
    dials: MAX_DIALS_PER_KEY,
    listeners: MAX_LISTENERS_PER_KEY,
    talkers: MAX_TALKERS_PER_KEY,
    rooms: MAX_ROOMS_PER_KEY,
    transfers: MAX_TRANSFERS_PER_KEY,
  },
  maxRequestBytes: MAX_REQUEST_BYTES,
};

/** Of a key with a forced command, or under `restrict`. */
const BOUND_KEY: Allowance = {
  most: {
    connections: MAX_CONNECTIONS_PER_BOUND_KEY,
    channels: MAX_CHANNELS_PER_BOUND_KEY,
    requestBytes: MAX_REQUESTS_BYTES_PER_BOUND_KEY,
    runs: MAX_RUNS_PER_BOUND_KEY,
    forwards: MAX_FORWARDS_PER_BOUND_KEY,
    dials: MAX_DIALS_PER_BOUND_KEY,
    listeners: MAX_LISTENERS_PER_BOUND_KEY,
    transfers: MAX_TRANSFERS_PER_BOUND_KEY,
  },
  maxRequestBytes: MAX_REQUEST_BYTES_OF_BOUND_KEY,
};

const ALLOWANCES: Readonly<Record<Rights['quota'], Allowance>> = {
  'own-user': USER,
  key: KEY,
  bound: BOUND_KEY,
};

/** What this principal may have, by the rights that it has logged in with. */
export function allowanceOf({ rights }: Principal): Allowance {
  return ALLOWANCES[rights.quota];
}

/** Whose account it is. The user whose daemon it is has a reserve. */
export function claimantOf({ name, rights }: Principal): Claimant {
  return { owner: name, isPrivileged: rights.quota === 'own-user' };
}

import type { Principal, Rights } from '../../auth/principal.ts';
import type { Claimant } from '../../protocol/fair-pool.ts';
import type { Resource } from '../../services/service.ts';
import {
  CHANNELS_QUOTA,
  CONNECTIONS_QUOTA,
  DIALS_QUOTA,
  FORWARDS_QUOTA,
  LISTENERS_QUOTA,
  MAX_REQUEST_BYTES,
  MAX_REQUEST_BYTES_OF_BOUND_KEY,
  type Quota,
  REQUESTS_QUOTA_BYTES,
  ROOMS_QUOTA,
  RUNS_QUOTA,
  TALKERS_QUOTA,
  TRANSFERS_QUOTA,
} from '../limits.ts';

/** The quotas of what principals share. */
export const QUOTAS = {
  connections: CONNECTIONS_QUOTA,
  channels: CHANNELS_QUOTA,
  requestBytes: REQUESTS_QUOTA_BYTES,
  runs: RUNS_QUOTA,
  forwards: FORWARDS_QUOTA,
  dials: DIALS_QUOTA,
  listeners: LISTENERS_QUOTA,
  talkers: TALKERS_QUOTA,
  rooms: ROOMS_QUOTA,
  transfers: TRANSFERS_QUOTA,
} as const satisfies Partial<Record<Resource, Quota>>;

/** What one principal may have. */
export interface Allowance {
  /** At once. What is not named is bounded by the others' needs alone. */
  readonly most: Readonly<Partial<Record<Resource, number>>>;
  /** Of one request. */
  readonly maxRequestBytes: number;
}

const ALLOWANCES: Readonly<Record<Rights['quota'], Allowance>> = {
  'own-user': { most: mostOf('own-user'), maxRequestBytes: MAX_REQUEST_BYTES },
  key: { most: mostOf('key'), maxRequestBytes: MAX_REQUEST_BYTES },
  bound: { most: mostOf('bound'), maxRequestBytes: MAX_REQUEST_BYTES_OF_BOUND_KEY },
};

function mostOf(who: Rights['quota']): Allowance['most'] {
  const own = Object.entries<Quota>(QUOTAS).map(([resource, quota]) => [resource, quota[who]] as const);
  return Object.fromEntries(own.filter(([, most]) => most !== undefined));
}

/** What this principal may have, by the rights that it has logged in with. */
export function allowanceOf({ rights }: Principal): Allowance {
  return ALLOWANCES[rights.quota];
}

/** Whose account it is. The user whose daemon it is has a reserve. */
export function claimantOf({ name, rights }: Principal): Claimant {
  return { owner: name, isPrivileged: rights.quota === 'own-user' };
}

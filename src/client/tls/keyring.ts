import type { Identity } from '../../auth/identity.ts';
import { RexaError } from '../../protocol/errors.ts';
import { MAX_OFFERED_KEYS } from '../../protocol/limits.ts';
import { MAX_PASSPHRASE_TRIES } from '../limits.ts';
import type { PassphraseQuestion } from '../run-types.ts';
import { describeIdentity, fingerprintOf, type KeySources, searchKeys } from './candidates.ts';
import type { LastKeys } from './last-keys.ts';

/** What to log in with next. */
export type LoginPlan =
  /** Proven in the first flight. */
  | { readonly kind: 'prove'; readonly identity: Identity }
  /** The daemon chooses one of them. */
  | { readonly kind: 'offer'; readonly identities: readonly Identity[] }
  /** First its passphrase is asked for, while no connection waits for that. */
  | { readonly kind: 'unlock'; readonly identity: Identity }
  | { readonly kind: 'none' };

/** The keys of one login: which were tried, and which is next. */
export interface Keyring {
  /** Asks nobody anything but the agent. */
  plan(): Promise<LoginPlan>;
  /** The daemon wants this one: it is proven next, and unlocked before that. */
  choose(identity: Identity): void;
  /** Asks for its passphrase. One that stays locked is not tried any more. */
  unlock(identity: Identity): Promise<void>;
  /** It could not be proven, or was refused: it is not tried any more. @param error why it could not be proven */
  drop(identity: Identity, error: RexaError | null): void;
  /** Describes the keys that the host has been shown so far, for messages. */
  describeOffered(): readonly string[];
  /** Lists the files of keys whose passphrase was not given. */
  listLocked(): Promise<readonly string[]>;
  /** It was let in. */
  keep(identity: Identity): void;
}

export interface KeyringOptions {
  /** The account and the host. */
  readonly login: string;
  readonly sources: KeySources;
  readonly lastKeys: LastKeys;
  /** Gives a passphrase, or null where there is none; absent: nobody can be asked. */
  readonly passphrase: ((question: PassphraseQuestion) => Promise<string | null>) | null;
  readonly log: (line: string) => void;
}

/** Agents that do one of these will do it for the next key too; those that refuse or lie may sign with another. */
const AGENT_IS_GONE: readonly string[] = [
  'AGENT_UNREACHABLE',
  'AGENT_TIMEOUT',
  'AGENT_CLOSED',
  'AGENT_MALFORMED',
];

export function createKeyring({ login, sources, lastKeys, passphrase, log }: KeyringOptions): Keyring {
  const search = searchKeys(sources);
  const dropped = new Set<string>();
  const offered = new Map<string, Identity>();
  let chosen: Identity | null = null;
  /** The one that was let in the last time; it stays the same object, and so unlocked. */
  let last: Promise<Identity | null> | null = null;
  let areLockedTold = false;
  let isAgentGone = false;

  function isLeft(identity: Identity): boolean {
    if (isAgentGone && identity.source === 'ssh-agent') return false;
    return !dropped.has(fingerprintOf(identity));
  }

  async function findLast(): Promise<Identity | null> {
    const known = lastKeys.find(login);
    last ??= known === null ? Promise.resolve(null) : search.findLast(known);
    const identity = await last;
    return identity !== null && isLeft(identity) ? identity : null;
  }

  async function findLeft(): Promise<readonly Identity[]> {
    const left = (await search.findAll()).filter(isLeft);
    if (passphrase !== null) return left;
    const locked = left.filter((each) => each.isLocked());
    if (!areLockedTold)
      for (const { source } of locked) sources.warn(new RexaError('KEY_LOCKED', [source]).message);
    areLockedTold = true;
    return left.filter((each) => !each.isLocked());
  }

  function planOne(identity: Identity): LoginPlan {
    if (!identity.isLocked()) return { kind: 'prove', identity };
    return passphrase === null ? { kind: 'none' } : { kind: 'unlock', identity };
  }

  async function plan(): Promise<LoginPlan> {
    const only = chosen ?? (await findLast());
    if (only !== null && (passphrase !== null || !only.isLocked())) return planOne(only);
    const left = await findLeft();
    const [first] = left;
    if (first === undefined) return { kind: 'none' };
    // Nobody is asked for the passphrase of a key before the daemon has said that it wants it
    if (left.length === 1 && !first.isLocked()) return { kind: 'prove', identity: first };
    for (const each of left) log(`offering ${describeIdentity(each)}`);
    return { kind: 'offer', identities: left.slice(0, MAX_OFFERED_KEYS) };
  }

  return {
    async plan() {
      const next = await plan();
      const shown = next.kind === 'offer' ? next.identities : next.kind === 'prove' ? [next.identity] : [];
      for (const each of shown) offered.set(fingerprintOf(each), each);
      return next;
    },
    describeOffered: () => [...offered.values()].map(describeIdentity),
    async listLocked() {
      const locked = (await search.findAll()).filter((each) => each.isLocked());
      return [...new Set(locked.map(({ source }) => source))];
    },
    choose(identity) {
      chosen = identity;
    },
    async unlock(identity) {
      for (let attempt = 1; attempt <= MAX_PASSPHRASE_TRIES; attempt++) {
        const given = (await passphrase?.({ file: identity.source, attempt })) ?? null;
        if (given === null) break;
        try {
          await identity.unlock(given);
          return log(`unlocked ${identity.source}`);
        } catch (error) {
          if (!(error instanceof RexaError)) throw error;
          sources.warn(error.message);
          if (error.code !== 'KEY_PASSPHRASE_WRONG') break;
        }
      }
      this.drop(identity, null);
    },
    drop(identity, error) {
      if (error !== null) sources.warn(error.message);
      if (error !== null && AGENT_IS_GONE.includes(error.code)) isAgentGone = true;
      dropped.add(fingerprintOf(identity));
      chosen = null;
      if (lastKeys.find(login)?.fingerprint === fingerprintOf(identity) && error === null)
        lastKeys.forget(login);
    },
    keep(identity) {
      log(`logged in with ${describeIdentity(identity)}`);
      lastKeys.remember(login, { fingerprint: fingerprintOf(identity), source: identity.source });
    },
  };
}

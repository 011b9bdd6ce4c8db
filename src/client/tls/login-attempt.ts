import type { Identity } from '../../auth/identity.ts';
import { makeProof } from '../../auth/proof.ts';
import { attachLink, type Link } from '../../link/link.ts';
import { RexaError } from '../../protocol/errors.ts';
import { CLIENT_GREETING } from '../host.ts';
import type { Keyring, LoginPlan } from './keyring.ts';
import type { Connection } from './verified-connection.ts';

/** Who logs in. */
interface Login {
  readonly account: string;
  readonly keyring: Keyring;
}

/** A login under way on a link. */
export interface LoginAttempt {
  readonly link: Link;
  /** Whether the key was proven in the first flight, so that a request may share it. */
  readonly isProven: boolean;
  /** What we know of the key that it goes by: it was proven, or we left because of it. */
  state(): AttemptState;
}

export type AttemptState =
  /** The daemon has not chosen yet. */
  | { readonly kind: 'choosing' }
  | { readonly kind: 'proven'; readonly identity: Identity }
  /** The chosen key could not be proven, or not yet: what is next is in the keyring. */
  | { readonly kind: 'left' };

/**
 * Says who we are.
 * @returns null when the key could not be proven: nothing was written
 */
export async function attemptLogin(
  login: Login,
  connection: Connection,
  plan: Extract<LoginPlan, { kind: 'prove' | 'offer' }>,
): Promise<LoginAttempt | null> {
  return plan.kind === 'offer'
    ? offer(login, connection, plan.identities)
    : proveAtOnce(login, connection, plan.identity);
}

async function proveAtOnce(
  login: Login,
  connection: Connection,
  identity: Identity,
): Promise<LoginAttempt | null> {
  const proof = await tryProve(login, connection, identity);
  if (proof === null) return null;
  const key = identity.offered.blob.toString('base64');
  const greeting = { ...CLIENT_GREETING, login: { account: login.account, key, proof } };
  const link = attachLink(connection.socket, greeting);
  return { link, isProven: true, state: () => ({ kind: 'proven', identity }) };
}

function offer(login: Login, connection: Connection, identities: readonly Identity[]): LoginAttempt {
  let state: AttemptState = { kind: 'choosing' };
  const offers = identities.map(({ offered }) => offered.blob.toString('base64'));

  async function prove(index: number): Promise<string> {
    const identity = identities[index];
    if (identity === undefined)
      throw new RexaError('CONTROL_WRONG_SHAPE', ['choose', 'there is no such offer']);
    if (identity.isLocked()) login.keyring.choose(identity);
    const proof = identity.isLocked() ? null : await tryProve(login, connection, identity);
    if (proof !== null) {
      state = { kind: 'proven', identity };
      return proof;
    }
    state = { kind: 'left' };
    // What is wrong with a key of ours is nothing that the host need know
    throw new RexaError('CANCELED');
  }

  const greeting = { ...CLIENT_GREETING, login: { account: login.account, offers } };
  const link = attachLink(connection.socket, greeting, { prove });
  return { link, isProven: false, state: () => state };
}

/** An SSHSIG in base64; null when the key can't be proven, which the keyring is told. */
async function tryProve(
  { account, keyring }: Login,
  { binding }: Connection,
  identity: Identity,
): Promise<string | null> {
  try {
    const fields = { ...binding, account, publicKey: identity.offered.blob };
    return (await makeProof(fields, (data) => identity.sign(data))).toString('base64');
  } catch (error) {
    if (!(error instanceof RexaError) || error.code === 'AUTH_ACCOUNT_INVALID') throw error;
    keyring.drop(identity, error);
    return null;
  }
}

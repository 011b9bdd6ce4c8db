import type { Identity } from '../../auth/identity.ts';
import { makeProof } from '../../auth/proof.ts';
import type { Link } from '../../link/link.ts';
import { type Dialed, openResumableLink } from '../../link/resumable-link.ts';
import { RexaError } from '../../protocol/errors.ts';
import { tlsTransport } from '../../transports/tls.ts';
import { REXA_AGENT } from '../host.ts';
import type { LinkCare } from '../reconnection.ts';
import type { Keyring, LoginPlan } from './keyring.ts';
import type { Connection } from './verified-connection.ts';

/** Who logs in. */
interface Login {
  readonly account: string;
  readonly keyring: Keyring;
  readonly reconnection: LinkCare;
  /** Another connection to the host of this one, which has proved the same key. @throws RexaError */
  connectAgain(connection: Connection): Promise<Connection>;
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
  const link = openLink(login, connection, makeDialed(login, connection, identity, proof), () => identity);
  return { link, isProven: true, state: () => ({ kind: 'proven', identity }) };
}

function offer(login: Login, connection: Connection, identities: readonly Identity[]): LoginAttempt {
  let state: AttemptState = { kind: 'choosing' };
  const offers = identities.map(({ offered }) => offered.blob.toString('base64'));

  async function proveChosen(index: number): Promise<string> {
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

  const dialed = {
    transport: tlsTransport(connection.socket),
    login: { account: login.account, offers },
    prove: proveChosen,
  };
  const link = openLink(login, connection, dialed, () => (state.kind === 'proven' ? state.identity : null));
  return { link, isProven: false, state: () => state };
}

/** A link whose later connections go by the key that was let in, each with a proof of its own. */
function openLink(login: Login, first: Connection, dialed: Dialed, proven: () => Identity | null): Link {
  async function dial(): Promise<Dialed> {
    const identity = proven();
    if (identity === null) throw new RexaError('CANCELED');
    const connection = await login.connectAgain(first);
    try {
      const proof = await prove(login, connection, identity);
      return makeDialed(login, connection, identity, proof);
    } catch (error) {
      connection.socket.destroy();
      throw error;
    }
  }
  return openResumableLink(dialed, REXA_AGENT, { ...login.reconnection, dial, patienceMs: patienceOverTls });
}

/** A key of the host or of ours that is not what it was will not be so the next time. */
function patienceOverTls({ code }: RexaError): number {
  return /^(?:AUTH_|KEY_|LOGIN_|AGENT_REFUSED|CANCELED)/.test(code) ? 0 : Number.POSITIVE_INFINITY;
}

function makeDialed(
  { account }: Login,
  { socket }: Connection,
  { offered }: Identity,
  proof: string,
): Dialed {
  return { transport: tlsTransport(socket), login: { account, key: offered.blob.toString('base64'), proof } };
}

/** An SSHSIG in base64. @throws RexaError */
async function prove({ account }: Login, { binding }: Connection, identity: Identity): Promise<string> {
  const fields = { ...binding, account, publicKey: identity.offered.blob };
  return (await makeProof(fields, (data) => identity.sign(data))).toString('base64');
}

/** An SSHSIG in base64; null when the key can't be proven, which the keyring is told. */
async function tryProve(login: Login, connection: Connection, identity: Identity): Promise<string | null> {
  try {
    return await prove(login, connection, identity);
  } catch (error) {
    if (!(error instanceof RexaError) || error.code === 'AUTH_ACCOUNT_INVALID') throw error;
    login.keyring.drop(identity, error);
    return null;
  }
}

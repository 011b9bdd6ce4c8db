import { randomBytes } from 'node:crypto';
import { describeCause } from '../protocol/caused-by.ts';
import { RexaError } from '../protocol/errors.ts';
import type { OfferedLogin, ProvenLogin } from '../protocol/login.ts';
import type { Authentication, AuthenticationStep, Refused } from './authenticator.ts';
import type { AuthorizedKeys, LoginJudge } from './authorized-keys.ts';
import { keyPrincipal } from './key-principal.ts';
import { namesAccount } from './names-account.ts';
import { type OfferedKey, readOfferedKey } from './offered-key.ts';
import { showEndpoint, type TcpConnection } from './principal.ts';
import { checkProof } from './proof.ts';
import { fingerprint, type PublicKey } from './public-key.ts';

/** What a daemon authenticates keys by. */
export interface LoginRules {
  readonly keys: AuthorizedKeys;
  /** The user that commands run as. */
  readonly account: string;
  readonly hostKey: PublicKey;
}

/** What is known of a connection, beside what its client says. */
export interface TlsFacts {
  /** Of TLS, for proofs. */
  readonly exporter: Uint8Array;
  readonly alpn: string;
  /** Its source is what `from=` is matched against. */
  readonly connection: TcpConnection;
}

/**
 * Authenticates the client of one TLS connection by the OpenSSH key that it proves. Whatever goes wrong is a refusal, of
 * which the client is told the reference alone.
 */
export function authenticateKey(
  { keys, account, hostKey }: LoginRules,
  { exporter, alpn, connection }: TlsFacts,
): Authentication {
  /** Read once: all that one connection says is checked by the same files. */
  let judge: LoginJudge | null = null;

  async function decide(offered: OfferedKey) {
    judge ??= await keys.read();
    return judge(offered, { account, address: connection.source.address, nowSeconds: Date.now() / 1000 });
  }

  async function hearProof(login: ProvenLogin, seen: OfferedKey[]): Promise<AuthenticationStep> {
    const offered = readOfferedKey(Buffer.from(login.key, 'base64'), 'that is offered');
    seen.push(offered);
    const decision = await decide(offered);
    if (decision.kind === 'refused') return refuse(login.account, [offered], decision.problems);
    try {
      const fields = {
        exporter,
        role: 'client',
        alpn,
        account: login.account,
        hostKey: hostKey.blob,
      } as const;
      checkProof(Buffer.from(login.proof, 'base64'), offered, fields, decision.grant.token);
    } catch (error) {
      return refuse(login.account, [offered], [error]);
    }
    return { kind: 'admitted', principal: keyPrincipal(decision.grant, account, connection) };
  }

  async function hearOffers(login: OfferedLogin, seen: OfferedKey[]): Promise<AuthenticationStep> {
    const problems: unknown[] = [];
    for (const [index, key] of login.offers.entries()) {
      try {
        const offered = readOfferedKey(Buffer.from(key, 'base64'), `that is offered as number ${index + 1}`);
        seen.push(offered);
        const decision = await decide(offered);
        if (decision.kind === 'granted') return { kind: 'chosen', offer: index };
        problems.push(...decision.problems);
      } catch (error) {
        problems.push(error);
      }
    }
    return refuse(login.account, seen, problems);
  }

  function refuse(named: string, offered: readonly OfferedKey[], problems: readonly unknown[]): Refused {
    const reference = randomBytes(6).toString('hex');
    const reasons = problems.map((problem) => describeCause(problem));
    return {
      kind: 'refused',
      error: new RexaError('LOGIN_REFUSED', [reference]),
      facts: {
        source: showEndpoint(connection.source),
        reference,
        account: named,
        fingerprints: offered.map(({ key }) => fingerprint(key)),
        reason: [...new Set(reasons)],
      },
    };
  }

  return {
    known: null,
    async hear(login) {
      if (login === null) return refuse('', [], ['it named nobody']);
      /** What could be read of the offered keys. */
      const seen: OfferedKey[] = [];
      try {
        const step = await ('offers' in login ? hearOffers(login, seen) : hearProof(login, seen));
        if (namesAccount(login.account, account)) return step;
        // After the same work: how long a refusal takes does not tell which accounts there are
        return refuse(login.account, seen, [`commands run as ${account} here, and as nobody else`]);
      } catch (error) {
        return refuse(login.account, seen, [error]);
      }
    },
  };
}

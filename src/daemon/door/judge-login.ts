import { randomBytes } from 'node:crypto';
import type { AuthorizedKeys, LoginJudge } from '../../auth/authorized-keys.ts';
import type { Grant } from '../../auth/grant.ts';
import { type OfferedKey, readOfferedKey } from '../../auth/offered-key.ts';
import { checkProof } from '../../auth/proof.ts';
import { fingerprint, type PublicKey } from '../../auth/public-key.ts';
import type { RexaError } from '../../protocol/errors.ts';
import type { Login, OfferedLogin, ProvenLogin } from '../../protocol/login.ts';

/** What a daemon judges logins by. */
export interface LoginRules {
  readonly keys: AuthorizedKeys;
  /** The user that commands run as. */
  readonly account: string;
  readonly hostKey: PublicKey;
}

/** What is known of a connection, beside what its client says. */
export interface ConnectionFacts {
  /** Of TLS, for proofs. */
  readonly exporter: Uint8Array;
  readonly alpn: string;
  /** The peer's IP address, as `from=` is matched against it. */
  readonly address: string;
}

/** What was found, for the log as much as for the peer. */
export type Finding =
  | { readonly kind: 'admitted'; readonly grant: Grant; readonly problems: readonly RexaError[] }
  | { readonly kind: 'chosen'; readonly offer: number }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** A login that came to nothing. The peer is told the reference alone. */
export interface Refusal {
  readonly reference: string;
  readonly account: string;
  /** Of the keys that were offered, as far as they could be read. */
  readonly fingerprints: readonly string[];
  readonly reasons: readonly string[];
}

/** Judges what one connection's client says of itself. Never throws: whatever goes wrong is a refusal. */
export type JudgeLogin = (login: Login | null) => Promise<Finding>;

export function createLoginJudge({ keys, account, hostKey }: LoginRules, facts: ConnectionFacts): JudgeLogin {
  /** Read once: all that one connection says is judged by the same files. */
  let judge: LoginJudge | null = null;

  async function decide(offered: OfferedKey) {
    judge ??= await keys.read();
    return judge(offered, { account, address: facts.address, nowSeconds: Date.now() / 1000 });
  }

  async function judgeProven(login: ProvenLogin): Promise<Finding> {
    const offered = readOfferedKey(Buffer.from(login.key, 'base64'), 'that is offered');
    const decision = await decide(offered);
    if (decision.kind === 'refused') return refuse(login.account, [offered], decision.problems);
    try {
      checkProof(Buffer.from(login.proof, 'base64'), offered, {
        exporter: facts.exporter,
        role: 'client',
        alpn: facts.alpn,
        account: login.account,
        hostKey: hostKey.blob,
      });
    } catch (error) {
      return refuse(login.account, [offered], [error]);
    }
    return { kind: 'admitted', grant: decision.grant, problems: decision.problems };
  }

  async function judgeOffers(login: OfferedLogin): Promise<Finding> {
    const seen: OfferedKey[] = [];
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

  return async (login) => {
    if (login === null) return refuse('', [], ['it named nobody']);
    try {
      const found = await ('offers' in login ? judgeOffers(login) : judgeProven(login));
      if (login.account === '' || login.account === account) return found;
      // After the same work: how long a refusal takes does not tell which accounts there are
      return refuse(login.account, [], [`commands run as ${account} here, and as nobody else`]);
    } catch (error) {
      return refuse(login.account, [], [error]);
    }
  };
}

function refuse(account: string, offered: readonly OfferedKey[], problems: readonly unknown[]): Finding {
  const reasons = problems.map((problem) => (problem instanceof Error ? problem.message : String(problem)));
  return {
    kind: 'refused',
    refusal: {
      reference: randomBytes(6).toString('hex'),
      account,
      fingerprints: offered.map(({ key }) => fingerprint(key)),
      reasons: [...new Set(reasons)],
    },
  };
}

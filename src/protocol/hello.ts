import * as v from 'valibot';
import type { JsonObject } from './control.ts';
import { RexaError } from './errors.ts';
import { MAX_HOST_KEYS } from './limits.ts';
import { type LinkClaim, linkClaimSchema } from './link-claim.ts';
import { type Login, loginSchema } from './login.ts';
import { checkShape } from './shape.ts';
import { toldTextSchema } from './told-text.ts';
import { AGENT, BYTES, chooseVersion, LASTING, PROTOCOL_RANGE, RESUME, STDIO } from './version.ts';

const versionSchema = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff));
const agentSchema = v.pipe(v.string(), v.maxLength(200), toldTextSchema);
const featuresSchema = v.pipe(v.array(v.pipe(v.string(), v.maxLength(64))), v.maxLength(64));

const clientHelloSchema = v.object({
  protocol: v.strictTuple([versionSchema, versionSchema]),
  agent: agentSchema,
  features: featuresSchema,
  login: v.optional(loginSchema),
  link: v.optional(linkClaimSchema),
});
const daemonHelloSchema = v.object({
  protocol: versionSchema,
  agent: agentSchema,
  features: featuresSchema,
  encoding: v.pipe(v.string(), v.maxLength(64), toldTextSchema),
  hostKeys: v.optional(v.pipe(v.array(v.pipe(v.string(), v.maxLength(64))), v.maxLength(MAX_HOST_KEYS)), []),
});

/** What the hello tells about the peer. */
export interface PeerInfo {
  readonly protocol: number;
  /** Untrusted text, escaped for display. */
  readonly agent: string;
  /** Features in effect: those that both sides list. */
  readonly features: readonly string[];
  /** The daemon's own encoding; null at the daemon. */
  readonly encoding: string | null;
  /** Fingerprints of all keys of the daemon's host, where that has proven one by TLS. Untrusted. */
  readonly hostKeys: readonly string[];
}

/** The contents of this side's hello, and its requirements on the peer. */
export type Greeting =
  | {
      readonly role: 'client';
      readonly agent: string;
      /** The login, if the daemon requires one. */
      readonly login?: Login;
      /** The link of this connection, if links can be resumed. */
      readonly link?: LinkClaim;
    }
  | {
      readonly role: 'daemon';
      readonly agent: string;
      readonly encoding: string;
      /** Fingerprints of the keys of this host. */
      readonly hostKeys?: readonly string[];
      /** Whether clients must log in; then nothing after the hello is read before they are admitted. */
      readonly asksLogin?: boolean;
      /** The features that there can be. Default: all of this version. */
      readonly features?: readonly string[];
      /** Whether links can be resumed. */
      readonly resumes?: boolean;
      /** Whether a relay frame is accepted before the client's hello. */
      readonly takesRelays?: boolean;
    };

/** Returns the client's hello. */
export function clientHello({ agent, login, link }: Extract<Greeting, { role: 'client' }>): JsonObject {
  return { protocol: PROTOCOL_RANGE, agent, features: listFeatures(link !== undefined), login, link };
}

/** A client's hello as parsed by the daemon, and the answer to it. */
export interface AnsweredHello {
  readonly peer: PeerInfo;
  readonly answer: JsonObject;
  readonly login: Login | null;
  /** Null if the link ends with the connection. */
  readonly link: LinkClaim | null;
}

/**
 * Returns the daemon's answer to a client's hello.
 * @throws RexaError CONTROL_WRONG_SHAPE, PROTOCOL_MISMATCH
 */
export function answerHello(
  hello: JsonObject,
  { agent, encoding, hostKeys, features: possible, resumes = false }: Extract<Greeting, { role: 'daemon' }>,
): AnsweredHello {
  const said = checkShape(clientHelloSchema, hello, 'hello');
  const protocol = chooseVersion(PROTOCOL_RANGE, said.protocol);
  if (protocol === null) throw mismatch(said.agent, said.protocol.join('-'), agent);
  const features = listFeatures(resumes).filter((each) => possible?.includes(each) ?? true);
  const common = intersect(features, said.features);
  return {
    peer: { protocol, agent: said.agent, features: common, encoding: null, hostKeys: [] },
    answer: { protocol, agent, features, encoding, ...(hostKeys === undefined ? {} : { hostKeys }) },
    login: said.login ?? null,
    link: (common.includes(RESUME) && said.link) || null,
  };
}

/**
 * Parses the daemon's hello at the client.
 * @throws RexaError CONTROL_WRONG_SHAPE, PROTOCOL_MISMATCH
 */
export function readDaemonHello(
  hello: JsonObject,
  { agent, link }: Extract<Greeting, { role: 'client' }>,
): PeerInfo {
  const said = checkShape(daemonHelloSchema, hello, 'hello');
  const { protocol, agent: peerAgent, features, encoding, hostKeys } = said;
  if (chooseVersion(PROTOCOL_RANGE, [protocol, protocol]) === null)
    throw mismatch(peerAgent, `${protocol}`, agent);
  return {
    protocol,
    agent: peerAgent,
    features: intersect(listFeatures(link !== undefined), features),
    encoding,
    hostKeys,
  };
}

function listFeatures(resumes: boolean): string[] {
  return [...(resumes ? [RESUME] : []), BYTES, STDIO, AGENT, LASTING];
}

function intersect(own: readonly string[], peer: readonly string[]): string[] {
  return own.filter((feature) => peer.includes(feature));
}

function mismatch(peerAgent: string, peerRange: string, agent: string): RexaError {
  return new RexaError('PROTOCOL_MISMATCH', [peerAgent, peerRange, agent, PROTOCOL_RANGE.join('-')]);
}

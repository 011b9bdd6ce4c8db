import * as v from 'valibot';
import type { JsonObject } from './control.ts';
import { RexaError } from './errors.ts';
import { type Login, loginSchema } from './login.ts';
import { checkShape } from './shape.ts';
import { chooseVersion, FEATURES, PROTOCOL_RANGE } from './version.ts';

const versionSchema = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff));
const agentSchema = v.pipe(v.string(), v.maxLength(200));
const featuresSchema = v.pipe(v.array(v.pipe(v.string(), v.maxLength(64))), v.maxLength(64));

const clientHelloSchema = v.object({
  protocol: v.strictTuple([versionSchema, versionSchema]),
  agent: agentSchema,
  features: featuresSchema,
  login: v.optional(loginSchema),
});
const daemonHelloSchema = v.object({
  protocol: versionSchema,
  agent: agentSchema,
  features: featuresSchema,
  encoding: v.pipe(v.string(), v.maxLength(64)),
});

/** What each side has learned of the other by its hello. */
export interface PeerInfo {
  readonly protocol: number;
  /** Text from the other side: shown escaped. */
  readonly agent: string;
  /** What both sides can do. */
  readonly features: readonly string[];
  /** The daemon's own encoding, null at the daemon. */
  readonly encoding: string | null;
}

/** What a side says of itself. */
export type Greeting =
  | {
      readonly role: 'client';
      readonly agent: string;
      /** Who we are, where the daemon asks for it. */
      readonly login?: Login;
    }
  | {
      readonly role: 'daemon';
      readonly agent: string;
      readonly encoding: string;
      /** Whether clients have to log in: then nothing of theirs is read behind the hello before they are admitted. */
      readonly asksLogin?: boolean;
    };

/** The client's first frame. */
export function clientHello(agent: string, login?: Login): JsonObject {
  return { protocol: PROTOCOL_RANGE, agent, features: FEATURES, login };
}

/**
 * The daemon's answer to a client's hello.
 * @throws RexaError CONTROL_WRONG_SHAPE, PROTOCOL_MISMATCH
 */
export function answerHello(
  hello: JsonObject,
  agent: string,
  encoding: string,
): { peer: PeerInfo; answer: JsonObject; login: Login | null } {
  const {
    protocol: range,
    agent: peerAgent,
    features,
    login = null,
  } = checkShape(clientHelloSchema, hello, 'hello');
  const protocol = chooseVersion(PROTOCOL_RANGE, range);
  if (protocol === null) throw mismatch(peerAgent, range.join('-'), agent);
  return {
    peer: { protocol, agent: peerAgent, features: common(features), encoding: null },
    answer: { protocol, agent, features: FEATURES, encoding },
    login,
  };
}

/**
 * The client's reading of the daemon's hello.
 * @throws RexaError CONTROL_WRONG_SHAPE, PROTOCOL_MISMATCH
 */
export function readDaemonHello(hello: JsonObject, agent: string): PeerInfo {
  const { protocol, agent: peerAgent, features, encoding } = checkShape(daemonHelloSchema, hello, 'hello');
  if (chooseVersion(PROTOCOL_RANGE, [protocol, protocol]) === null)
    throw mismatch(peerAgent, `${protocol}`, agent);
  return { protocol, agent: peerAgent, features: common(features), encoding };
}

function common(features: readonly string[]): string[] {
  return features.filter((feature) => FEATURES.includes(feature));
}

function mismatch(peerAgent: string, peerRange: string, agent: string): RexaError {
  return new RexaError('PROTOCOL_MISMATCH', [peerAgent, peerRange, agent, PROTOCOL_RANGE.join('-')]);
}

import { RexaError } from '../../protocol/errors.ts';
import { AGENT_LIST_TIMEOUT_MS, LOGIN_TIMEOUT_MS } from '../../protocol/limits.ts';
import { formatTlsAddress, type TlsAddress } from '../../transports/tls-address.ts';
import { createHost, type HostDefaults, type OpenHost } from '../host.ts';
import { AGENT_LOGIN_TIMEOUT_MS, MAX_LOGIN_CONNECTIONS } from '../limits.ts';
import type { LinkCare } from '../reconnection.ts';
import type { RoutedOptions } from '../route.ts';
import type { ConnectOptions, PassphraseQuestion } from '../run-types.ts';
import { usualKeyFiles } from './candidates.ts';
import { chooseAgent } from './choose-agent.ts';
import { chooseTrust, openHostTrust } from './host-trust.ts';
import { createKeyring, type Keyring, type LoginPlan } from './keyring.ts';
import { openLastKeys } from './last-keys.ts';
import { attemptLogin, type LoginAttempt } from './login-attempt.ts';
import { connectAgain, connectTrusted, type TrustContext } from './trusted-connection.ts';
import { asksOfHostKeys, updateHostKeys } from './update-host-keys.ts';
import type { Connection } from './verified-connection.ts';

/** What a login goes by, from its first connection to its last. */
interface LoginContext extends TrustContext {
  /** What the host is called in messages and results. */
  readonly name: string;
  readonly options: RoutedOptions;
  readonly keyring: Keyring;
  readonly account: string;
  readonly defaults: HostDefaults | undefined;
  readonly reconnection: LinkCare;
  connectAgain(first: Connection): Promise<Connection>;
}

/** How a host over TLS is opened. */
interface TlsHostOptions {
  readonly defaults?: HostDefaults | undefined;
  readonly timeoutMs: number;
  readonly isEarly: boolean;
  readonly reconnection: LinkCare;
}

/**
 * Connects to a host over TLS and logs in. Questions to a person are asked between connections.
 * @param isEarly whether the host may be given out before the daemon has answered to a key that was proven in the first
 * flight, so that a request shares that
 * @throws RexaError CONNECT_FAILED, CONNECT_TIMEOUT, AUTH_HOST_*, LOGIN_NO_KEY, REFUSED, AUTH_FILE_*, KEY_*, LINK_LOST
 */
export async function openTlsHost(
  name: string,
  target: TlsAddress,
  options: RoutedOptions,
  { timeoutMs, isEarly, reconnection, defaults }: TlsHostOptions,
): Promise<OpenHost> {
  const log = options.log ?? (() => {});
  const warn = options.warn ?? log;
  const trust = openHostTrust(target, chooseTrust(options, warn));
  const account = options.user ?? '';
  const keyring = createKeyring({
    login: `${account}@${trust.address}`,
    sources: {
      files: options.identities ?? null,
      ...(options.certificates === undefined ? {} : { certificates: options.certificates }),
      filesOnly: options.identitiesOnly,
      agent: chooseAgent(options.agent),
      patience: {
        // Something is left of the time for a key of a file
        listTimeoutMs: Math.min(AGENT_LIST_TIMEOUT_MS, timeoutMs * 0.5),
        signTimeoutMs: Math.min(AGENT_LOGIN_TIMEOUT_MS, timeoutMs * 0.8),
      },
      warn,
    },
    lastKeys: openLastKeys(),
    passphrase: askPassphrase(options),
    log,
  });
  const context = {
    name,
    target,
    options,
    timeoutMs,
    log,
    warn,
    trust,
    keyring,
    account,
    reconnection,
    defaults,
  };
  return logIn(
    { ...context, connectAgain: (first) => connectAgain(context, first) },
    isEarly && !asksOfHostKeys(options),
  );
}

function askPassphrase({
  passphrase,
}: ConnectOptions): ((question: PassphraseQuestion) => Promise<string | null>) | null {
  if (passphrase === undefined) return null;
  if (typeof passphrase === 'function') return async (question) => passphrase(question);
  return ({ attempt }) => Promise.resolve(attempt === 1 ? passphrase : null);
}

/** One connection after the other, until one is let in or no key is left. */
async function logIn(
  context: LoginContext,
  isEarly: boolean,
  refusedBefore: RexaError | null = null,
): Promise<OpenHost> {
  let refusal = refusedBefore;
  for (let count = 0; count < MAX_LOGIN_CONNECTIONS; count++) {
    if (refusal !== null && (await context.keyring.plan()).kind === 'none') throw refusal;
    const { plan, connection } = await prepare(context);
    const attempt = plan.kind === 'none' ? null : await attemptLogin(context, connection, plan);
    if (attempt === null) connection.socket.destroy();
    if (plan.kind === 'none') break;
    if (attempt === null) continue;
    const updated = updateHostKeys(context, connection, attempt.link);
    if (isEarly && attempt.isProven) return giveEarly(context, attempt, updated);
    const host = createHost(context.name, attempt.link, { defaults: context.defaults, beforeClose: updated });
    const settled = await resolveLogin(context, attempt, host, context.timeoutMs);
    if (settled === 'admitted') return afterQuestion(context, host, updated);
    if (settled !== 'left') refusal = settled;
  }
  throw refusal ?? (await noKey(context));
}

/** A person is asked about the keys of a host before anything is done there. */
async function afterQuestion(
  context: LoginContext,
  host: OpenHost,
  updated: Promise<void>,
): Promise<OpenHost> {
  if (asksOfHostKeys(context.options)) await updated;
  return host;
}

/** A connection to a trusted host, and what to do with it. A passphrase is asked for while there is none. */
async function prepare(context: LoginContext): Promise<{
  readonly connection: Connection;
  readonly plan: Exclude<LoginPlan, { kind: 'unlock' }>;
}> {
  for (;;) {
    const stop = new AbortController();
    const connecting = connectTrusted(context, stop.signal);
    // Looked at below, or not wanted any more
    connecting.catch(() => {});
    const plan = await context.keyring.plan();
    if (plan.kind !== 'unlock') return { connection: await connecting, plan };
    stop.abort(new RexaError('CANCELED'));
    connecting.then(
      ({ socket }) => socket.destroy(),
      () => {},
    );
    await context.keyring.unlock(plan.identity);
  }
}

/**
 * Waits for what becomes of a login.
 * @returns an error for a refusal after which another key may be tried; `left`: we left, since ours could not be proven
 * @throws RexaError when there is no use in that
 */
async function resolveLogin(
  context: LoginContext,
  attempt: LoginAttempt,
  host: OpenHost,
  timeoutMs: number,
): Promise<'admitted' | 'left' | RexaError> {
  const { keyring } = context;
  try {
    await host.greeted(timeoutMs);
  } catch (error) {
    const state = attempt.state();
    if (state.kind === 'left') return 'left';
    const end = await attempt.link.ended;
    const isRefused = end.kind === 'refused' && end.code === 'LOGIN_REFUSED';
    if (!isRefused) throw error;
    const denied = describeDenied(context, end.message);
    // The daemon has chosen from all that we have, or from nothing of it
    if (!attempt.isProven || state.kind !== 'proven') throw denied;
    keyring.drop(state.identity, null);
    return denied;
  }
  const state = attempt.state();
  if (state.kind === 'proven') keyring.keep(state.identity);
  return 'admitted';
}

/** Says who was denied, by which keys, and what to do: the daemon's own message tells nothing of it. */
function describeDenied({ name, account, keyring }: LoginContext, message: string): RexaError {
  const keys = keyring.describeOffered().join(', ') || 'no key';
  const who = account === '' ? 'the default user' : account;
  const isOther = account === '' ? '' : `either its rexad does not serve the user ${account}, or `;
  const told = `${message}; offered for ${who}: ${keys}; ${isOther}none of these keys may log in: 'rexa keys authorize' on the host allows one`;
  return new RexaError('DENIED', [name, told, 'LOGIN_REFUSED']);
}

/** The host at once: the first request goes in one flight with the proof. */
function giveEarly(context: LoginContext, attempt: LoginAttempt, updated: Promise<void>): OpenHost {
  const logInAgain = async (): Promise<OpenHost | null> => {
    const refusal = await settled;
    if (refusal === 'admitted') return null;
    return logIn(context, false, refusal instanceof RexaError ? refusal : null);
  };
  const host = createHost(context.name, attempt.link, {
    logInAgain,
    defaults: context.defaults,
    beforeClose: updated,
  });
  // A request is on its way: whoever leaves now does not know what became of it
  const settled = resolveLogin(context, attempt, host, LOGIN_TIMEOUT_MS);
  settled.catch(() => {});
  return host;
}

async function noKey({ target, options, keyring }: LoginContext): Promise<RexaError> {
  const locked = await keyring.listLocked();
  const files = (options.identities ?? usualKeyFiles())
    .map((each) => (typeof each === 'string' ? each : each.name))
    .filter((each) => !locked.includes(each));
  const agent =
    chooseAgent(options.agent) === null ? 'there is no ssh-agent' : 'the ssh-agent has no usable key';
  const reasons = [
    ...locked.map((each) => `${each} is locked, and its passphrase was not given`),
    agent,
    ...(files.length === 0 ? [] : [`no usable key in ${files.join(', ')}`]),
  ];
  return new RexaError('LOGIN_NO_KEY', [formatTlsAddress(target), reasons.join('; ')]);
}

import { RexaError } from '../protocol/errors.ts';
import { unlessAborted } from '../runtime/in-time.ts';
import { checkConnectOptions } from './check-connect-options.ts';
import { loadConfig } from './config/load-config.ts';
import { expandProxyCommand, resolveHostSettings } from './config/resolve-host-settings.ts';
import type { HostDefaults } from './host.ts';
import { readHostName } from './host-name.ts';
import type { Host } from './host-types.ts';
import { routeByProgram, routeThrough } from './jump.ts';
import { greet, type OpenOptions, openHost, readConnectTimeout } from './open-host.ts';
import type { ConnectOptions } from './run-types.ts';
import { withoutUndefined } from './without-undefined.ts';

/**
 * Connects to a daemon and waits for its hello. `local` starts one if none answers.
 * @param address a name of the user's configuration, `local`, `unix:/path/rexad.sock`, `tls://host:7522`, a bare host, or
 * `ready://127.0.0.1:PORT`
 * @throws RexaError CONNECT_FAILED, CONNECT_TIMEOUT, SOCKET_NOT_OURS, ADDRESS_INVALID, LOCAL_START_FAILED, USAGE, CONFIG_*,
 * AUTH_HOST_UNKNOWN, AUTH_HOST_CHANGED, AUTH_HOST_PIN_MISMATCH, LOGIN_NO_KEY, or what the daemon refused with; the reason of
 * `signal`
 */
export async function connect(address: string, options: ConnectOptions = {}): Promise<Host> {
  checkConnectOptions(address, options);
  const { signal } = options;
  signal?.throwIfAborted();
  const opening = open(address, options);
  if (signal === undefined) return opening;
  try {
    return await unlessAborted(opening, signal);
  } catch (error) {
    // Whoever gave it up does not get the host that it comes to
    opening.then((host) => host.close()).catch(() => undefined);
    throw error;
  }
}

async function open(address: string, options: ConnectOptions): Promise<Host> {
  const settled = await resolveOptions(address, options);
  const host = await openHost(address, withJumps(settled, options));
  return greet(host, readConnectTimeout(settled));
}

/** How a host is opened, and the way to it. */
interface ConnectPlan extends OpenOptions {
  readonly jumps: readonly string[];
  /** Null: none. */
  readonly proxyCommand: string | null;
}

/** What of a login holds for jump hosts too. */
const OF_JUMPS = [
  'acceptNew',
  'agent',
  'askHost',
  'caSignatureAlgorithms',
  'certificates',
  'config',
  'globalKnownHosts',
  'hashKnownHosts',
  'hostKeyAlgorithms',
  'identities',
  'identitiesOnly',
  'keepalive',
  'knownHosts',
  'log',
  'passphrase',
  'reconnectFor',
  'revokedHostKeys',
  'timeout',
  'updateHostKeys',
  'warn',
] as const satisfies readonly (keyof ConnectOptions)[];

/** @throws RexaError USAGE where jump hosts are given for a host that is not reached over TLS */
function withJumps({ jumps, proxyCommand, ...settled }: ConnectPlan, options: ConnectOptions): OpenOptions {
  const isTls = settled.target?.kind === 'tls';
  if (!isTls && options.jump !== undefined && jumps.length > 0)
    throw new RexaError('USAGE', ['the option jump of connect needs a host over TLS']);
  const login = Object.fromEntries(OF_JUMPS.map((name) => [name, options[name]])) as ConnectOptions;
  const route = isTls
    ? routeThrough(jumps, async (jump, before) => {
        const { address, user } = readHostName(jump);
        const own = user === null ? login : { ...login, user };
        const { jumps: _own, proxyCommand: _program, ...host } = await resolveOptions(address, own);
        return openHost(address, {
          ...host,
          isJump: true,
          ...(before === undefined ? {} : { route: before }),
        });
      })
    : undefined;
  if (route !== undefined) return { ...settled, route };
  if (!isTls || proxyCommand === null) return settled;
  return { ...settled, route: routeByProgram(proxyCommand, { lines: settled.warn ?? (() => undefined) }) };
}

/** What is given comes before what the configuration says. */
async function resolveOptions(address: string, options: ConnectOptions): Promise<ConnectPlan> {
  const { config } = options;
  const settings = resolveHostSettings(await loadConfig(config === false ? 'none' : config), address);
  for (const remark of settings.remarks ?? []) options.warn?.(remark);
  const { user, identities, agent, connectTimeoutMs, encoding, stdinEncoding } = settings;
  const { certificates, identitiesOnly, knownHosts, globalKnownHosts, hostKeyAlias, family } = settings;
  const { hashKnownHosts, revokedHostKeys, updateHostKeys } = settings;
  const { hostKeyAlgorithms, caSignatureAlgorithms } = settings;
  const defaults: HostDefaults = {
    // Read at each command: a caller may pass `process.env`, and change it
    get cwd() {
      return options.cwd;
    },
    get env() {
      return options.env ?? settings.env;
    },
    encoding,
    inputEncoding: stdinEncoding,
  };
  const configured = {
    user,
    identities,
    agent,
    acceptNew: settings.acceptNew ?? (settings.unknownHost === 'accept-new' || undefined),
    timeout: connectTimeoutMs,
    certificates,
    identitiesOnly: options.identities === undefined ? identitiesOnly : undefined,
    knownHosts,
    globalKnownHosts,
    hashKnownHosts,
    revokedHostKeys,
    // There is nobody to ask
    updateHostKeys: updateHostKeys && updateHostKeys === 'yes',
    hostKeyAlias,
    hostKeyAlgorithms,
    caSignatureAlgorithms,
    family,
  };
  return {
    ...withoutUndefined(configured),
    ...withoutUndefined(options),
    target: settings.address,
    defaults,
    jumps: [options.jump ?? settings.jump ?? []].flat(),
    proxyCommand: options.jump === undefined ? expandProxyCommand(settings, options.user ?? user) : null,
  };
}

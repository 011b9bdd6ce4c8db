import type { Grant } from '../../auth/grant.ts';
import { type GrantedLogin, isBound, type Principal } from '../../auth/principal.ts';
import { ACCOUNT_VARIABLES } from '../../protocol/account-variables.ts';
import { RexaError } from '../../protocol/errors.ts';
import { readWord, type WireWord, type Word } from '../../protocol/word.ts';
import { isLocaleVariable, loginShell, readHostWord, refuseVariable } from './environment.ts';
import type { RunRequest } from './messages.ts';
import { originalCommand } from './original-command.ts';

/** What the host has to say about a run, beside the client's request. */
export interface RunRights {
  /** A line of the login shell that runs, in the home folder, in place of whatever was asked for. */
  readonly forcedCommand: string | null;
  /** Set last of all: by the key's line, and about the connection and the request that was replaced. */
  readonly environment: Readonly<Record<string, Word>>;
}

/** What a key with a forced command, or under `restrict`, may ask for. Whatever comes later is refused to it. */
const SERVICES_OF_BOUND_KEYS: readonly string[] = ['run'];
/** The same within a run's request: what is not here makes more of it than one command that ends with its client. */
const FIELDS_OF_BOUND_KEYS: readonly string[] = [
  'service',
  'id',
  'command',
  'cwd',
  'env',
  'offeredEnv',
  'stdin',
  'timeoutMs',
  'killAfterMs',
  'encoding',
  'terminal',
  'heldPipes',
  'sshVariables',
  'stderr',
  'argv0',
  'stdio',
  'reportExit',
  'localPrograms',
];
/** What others of its fields ask for, in words. */
const FURTHER_FIELDS: Readonly<Record<string, string>> = {
  record: 'a run that is known by an id of its own (--id)',
  lifetime: 'a run that outlives its client',
};
/** Fields that change nothing while they have these values. */
const HARMLESS_VALUES: readonly unknown[] = [undefined, null, false, 'with-client'];

/**
 * Whether this client may use a service at all, now.
 * @throws RexaError LOGIN_EXPIRED, NOT_PERMITTED
 */
export function authorizeService(principal: Principal, service: string, nowSeconds: number): void {
  if (principal.login !== null) checkExpiry(principal.login.grant, nowSeconds);
  if (isBound(principal) && !SERVICES_OF_BOUND_KEYS.includes(service)) throw notPermitted(principal, service);
}

/**
 * Whether this client may have a terminal.
 * @throws RexaError NOT_PERMITTED
 */
export function authorizeTerminal(principal: Principal): void {
  const { login } = principal;
  if (login === null ? isBound(principal) : !login.grant.permitPty)
    throw notPermitted(principal, 'a terminal');
}

/**
 * What becomes of a run's request under the key that was proven. Nothing is looked up for a client without one.
 * @throws RexaError LOGIN_EXPIRED, NOT_PERMITTED, ENVIRONMENT_REFUSED
 */
export function authorizeRun(principal: Principal, request: RunRequest, nowSeconds: number): RunRights {
  const { login } = principal;
  authorizeService(principal, request.service, nowSeconds);
  if ('terminal' in request && request.terminal !== undefined) authorizeTerminal(principal);
  if (isBound(principal)) checkBoundRequest(principal, request);
  if (login === null) return { forcedCommand: null, environment: describeConnection(null, request) };
  const { command } = login.grant;
  return {
    forcedCommand: command,
    environment: {
      ...keptEnvironment(login.grant),
      ...describeConnection(login, request),
      ...(command === null ? {} : originalCommand(request.command, loginShell())),
    },
  };
}

/** What a client may set of the variables that it offers, as sshd's `AcceptEnv` has it: the rest is left out. */
export function allowedEnvironment(
  principal: Principal,
  offered: Readonly<Record<string, WireWord>>,
): Record<string, WireWord> {
  const isAllowed = (name: string, value: WireWord): boolean =>
    !ACCOUNT_VARIABLES.includes(name) &&
    refuseVariable(name, readWord(value)) === null &&
    (!isBound(principal) || isOfferable(name));
  return Object.fromEntries(Object.entries(offered).filter(([name, value]) => isAllowed(name, value)));
}

/** The names in a key's `environment=` that are left out, since no client may set them either. */
export function refusedEnvironment({ environment }: Grant): string[] {
  return [...environment]
    .filter(([name, value]) => refuseVariable(name, value) !== null)
    .map(([name]) => name);
}

function keptEnvironment({ environment }: Grant): Record<string, Word> {
  const kept = [...environment].filter(([name, value]) => refuseVariable(name, value) === null);
  return Object.fromEntries(kept.map(([name, value]) => [name, readHostWord(Buffer.from(value))]));
}

function checkExpiry({ expiresAtSeconds, fingerprint }: Grant, nowSeconds: number): void {
  if (expiresAtSeconds !== null && nowSeconds >= expiresAtSeconds)
    throw new RexaError('LOGIN_EXPIRED', [fingerprint]);
}

function checkBoundRequest(principal: Principal, request: RunRequest): void {
  for (const [field, value] of Object.entries(request)) {
    if (!FIELDS_OF_BOUND_KEYS.includes(field) && !HARMLESS_VALUES.includes(value))
      throw notPermitted(principal, FURTHER_FIELDS[field] ?? `a run with ${field}`);
  }
  for (const name of Object.keys(request.env)) {
    if (!isLocaleVariable(name)) {
      throw new RexaError('ENVIRONMENT_REFUSED', [
        name,
        'with these rights only LANG, LC_* and TERM may be set',
      ]);
    }
  }
}

/** How git says which of its protocols it speaks: that makes no more of the one command that a key is for. */
function isOfferable(name: string): boolean {
  return name === 'GIT_PROTOCOL' || isLocaleVariable(name);
}

function notPermitted({ login }: Principal, what: string): RexaError {
  const who =
    login === null ? 'a client of rexad --stdio --rights restrict' : `the key ${login.grant.fingerprint}`;
  return new RexaError('NOT_PERMITTED', [who, what]);
}

/**
 * As sshd has it: programs tell by these that their user is elsewhere, and where. SSH_CLIENT is for those alone who ask for
 * what sshd sets: Debian's bash reads ~/.bashrc for a command line because of it. A socket has no addresses, for which
 * sshd(8) writes UNKNOWN and 65535.
 */
function describeConnection(
  login: GrantedLogin | null,
  { sshVariables = false }: Pick<RunRequest, 'sshVariables'>,
): Record<string, string> {
  if (login === null && !sshVariables) return {};
  const nowhere = { address: 'UNKNOWN', port: 65_535 };
  const { source, host } = login ?? { source: nowhere, host: nowhere };
  const from = `${source.address} ${source.port}`;
  return {
    SSH_CONNECTION: `${from} ${host.address} ${host.port}`,
    ...(sshVariables ? { SSH_CLIENT: `${from} ${host.port}` } : {}),
  };
}

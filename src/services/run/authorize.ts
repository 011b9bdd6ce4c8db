import type { Principal, Rights, TcpConnection } from '../../auth/principal.ts';
import { ACCOUNT_VARIABLES } from '../../protocol/account-variables.ts';
import { RexaError } from '../../protocol/errors.ts';
import { DEFAULT_KILL_AFTER_MS } from '../../protocol/limits.ts';
import { readWord, type WireWord, type Word } from '../../protocol/word.ts';
import { MAX_KILL_AFTER_BOUND_MS, MAX_KILL_AFTER_MS } from '../limits.ts';
import { notPermitted } from '../rights.ts';
import type { OpenToBound } from '../service.ts';
import { isLocaleVariable, loginShell, readHostWord, refuseVariable } from './environment.ts';
import type { RunRequest } from './messages.ts';
import { originalCommand } from './original-command.ts';
import { type ResolvedRequest, type RunRights, resolveRequest } from './resolve-request.ts';

/** A run as it was asked for, and as it is to be run. */
export interface AuthorizedRun {
  /** Word for word: what an id stands for. */
  readonly asked: RunRequest;
  /** With a grace that its principal may have. */
  readonly request: RunRequest;
  readonly resolved: ResolvedRequest;
  readonly rights: RunRights;
}

/** What is open to bound principals: all else makes more of a run than one command that ends with its client. */
export const RUNS_OF_BOUND: OpenToBound = {
  fields: [
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
    'agent',
    'lasting',
  ],
  harmless: { lifetime: 'with-client' },
  meanings: {
    record: 'a run that is known by an id of its own (--id)',
    lifetime: 'a run that outlives its client',
  },
};

/** From the polite signal to SIGKILL: the longest time that a principal may give its commands. */
const MOST_KILL_AFTER_MS: Readonly<Record<Rights['quota'], number>> = {
  'own-user': MAX_KILL_AFTER_MS,
  key: MAX_KILL_AFTER_MS,
  bound: MAX_KILL_AFTER_BOUND_MS,
};

/**
 * Decides what becomes of a request under the rights of its principal.
 * @throws RexaError NOT_PERMITTED, ENVIRONMENT_REFUSED, SUBSYSTEM_MISSING
 */
export function authorizeRun(asked: RunRequest, principal: Principal): AuthorizedRun {
  const most = MOST_KILL_AFTER_MS[principal.rights.quota];
  const request = { ...asked, killAfterMs: Math.min(asked.killAfterMs ?? DEFAULT_KILL_AFTER_MS, most) };
  if (request.terminal !== undefined && !principal.rights.terminal)
    throw notPermitted(principal, 'a terminal');
  if (principal.rights.isBound) checkVariables(request.env);
  const rights = runRights(request, principal);
  const offered = allowedEnvironment(principal.rights, request.offeredEnv ?? {});
  return { asked, request, resolved: resolveRequest(request, rights, offered), rights };
}

function runRights(request: RunRequest, { rights, connection }: Principal): RunRights {
  const { forcedCommand } = rights;
  return {
    forcedCommand,
    environment: {
      ...keptEnvironment(rights),
      ...describeConnection(connection, request),
      ...(forcedCommand === null ? {} : originalCommand(request.command, loginShell())),
    },
  };
}

/** What a client may set of the variables that it offers, as sshd's `AcceptEnv` has it: the rest is left out. */
export function allowedEnvironment(
  { isBound }: Rights,
  offered: Readonly<Record<string, WireWord>>,
): Record<string, WireWord> {
  const isAllowed = (name: string, value: WireWord): boolean =>
    !ACCOUNT_VARIABLES.includes(name) &&
    refuseVariable(name, readWord(value)) === null &&
    (!isBound || isOfferable(name));
  return Object.fromEntries(Object.entries(offered).filter(([name, value]) => isAllowed(name, value)));
}

/** The names of a key's variables that are left out, since no client may set them either. */
export function refusedEnvironment({ environment }: Rights): string[] {
  return environment.filter(([name, value]) => refuseVariable(name, value) !== null).map(([name]) => name);
}

function keptEnvironment({ environment }: Rights): Record<string, Word> {
  const kept = environment.filter(([name, value]) => refuseVariable(name, value) === null);
  return Object.fromEntries(kept.map(([name, value]) => [name, readHostWord(Buffer.from(value))]));
}

/** @throws RexaError ENVIRONMENT_REFUSED */
function checkVariables(env: RunRequest['env']): void {
  const refused = Object.keys(env).find((name) => !isLocaleVariable(name));
  if (refused !== undefined)
    throw new RexaError('ENVIRONMENT_REFUSED', [
      refused,
      'with these rights only LANG, LC_* and TERM may be set',
    ]);
}

/** How git says which of its protocols it speaks: that makes no more of the one command that a key is for. */
function isOfferable(name: string): boolean {
  return name === 'GIT_PROTOCOL' || isLocaleVariable(name);
}

/**
 * As sshd has it: programs tell by these that their user is elsewhere, and where. SSH_CLIENT is for those alone who ask for
 * what sshd sets: Debian's bash reads ~/.bashrc for a command line because of it. A socket has no addresses, for which
 * sshd(8) writes UNKNOWN and 65535.
 */
function describeConnection(
  connection: TcpConnection | null,
  { sshVariables = false }: Pick<RunRequest, 'sshVariables'>,
): Record<string, string> {
  if (connection === null && !sshVariables) return {};
  const nowhere = { address: 'UNKNOWN', port: 65_535 };
  const { source, host } = connection ?? { source: nowhere, host: nowhere };
  const from = `${source.address} ${source.port}`;
  return {
    SSH_CONNECTION: `${from} ${host.address} ${host.port}`,
    ...(sshVariables ? { SSH_CLIENT: `${from} ${host.port}` } : {}),
  };
}

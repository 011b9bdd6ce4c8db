import { isatty } from 'node:tty';
import { formatPublicKey } from '../../auth/public-key.ts';
import { type HostName, readHostName } from '../../client/host-name.ts';
import { readOwnWord } from '../../client/own-charset.ts';
import { RunError } from '../../client/run-error.ts';
import { readAction, refuseStrangeOptions } from '../../command-line/actions.ts';
import type { Parsed, ValuesOf } from '../../command-line/command-spec.ts';
import { quoteWord, usageError } from '../../command-line/usage-error.ts';
import { writeJsonLine } from '../../protocol/show-text.ts';
import type { SessionOptions } from '../../services/sessions/client-types.ts';
import { EXIT_REXA_FAILED } from '../exit-status.ts';
import { readHostOptions } from '../host/host-options.ts';
import { ON_STDIN } from '../host/identities.ts';
import { withHost } from '../host/with-host.ts';
import { readPublicKeys } from '../keys/read-public-keys.ts';
import { createMessages } from '../output/messages.ts';
import { print } from '../output/print.ts';
import { createProcessContext } from '../process-context.ts';
import { joinSession, type SessionPlan } from '../session/conduct-session.ts';
import { describeSessions, describeState } from '../session/describe-sessions.ts';
import type { PickedSession } from '../session/pick-session.ts';
import { playRecording } from '../session/play.ts';
import { readRecord } from '../session/session-options.ts';
import { startDetached } from '../session/start-detached.ts';
import {
  readSessionName,
  SESSION_ACTIONS,
  type SESSION_COMMAND,
  type SessionAction,
} from '../tables/session.ts';

type Values = ValuesOf<typeof SESSION_COMMAND>;

/** What an action is called with. */
interface SessionCall {
  readonly values: Values;
  readonly host: HostName;
  readonly name: string;
  readonly command: readonly string[];
}

/** `rexa session`: terminal sessions of a host. */
export async function run({ values, operands, rest }: Parsed<typeof SESSION_COMMAND>): Promise<number> {
  const [first, called, named] = operands;
  if (first !== undefined && called === undefined && rest === null && isHost(first)) {
    refuseOptions('attach', values);
    return pick(readHostName(first), values);
  }
  const action = readAction('rexa session', SESSION_ACTIONS, first);
  if (action === 'play') {
    refuseOptions(action, values);
    return play(called, named ?? rest?.[0], values);
  }
  if (called === undefined) throw usageError(`a HOST is missing: rexa session ${action} HOST`);
  const host = readHostName(called);
  refuseOptions(action, values);
  if (action === 'list') {
    const extra = named ?? rest?.[0];
    if (extra !== undefined)
      throw usageError(`unexpected argument ${quoteWord(extra)} for rexa session list`);
    return list(host, values);
  }
  if (named === undefined) throw usageError(`a NAME is missing: rexa session ${action} ${called} NAME`);
  const command = rest ?? [];
  if (action !== 'new' && command[0] !== undefined)
    throw usageError(`unexpected argument ${quoteWord(command[0])} for rexa session ${action}`);
  const call: SessionCall = { values, host, name: readSessionName(named), command };
  switch (action) {
    case 'new':
      return values.detach || !(isatty(0) && isatty(1)) ? startOnly(call) : join(call, { open: 'new' });
    case 'attach':
      return join(call, { open: 'existing' });
    case 'view':
      return join(call, { open: 'existing', mode: 'view' });
    case 'end':
      return end(call);
    case 'share':
      return share(call);
    case 'unshare':
      return unshare(call);
    default:
      return action satisfies never;
  }
}

/** A host alone, on a terminal: a person chooses. */
function isHost(word: string): boolean {
  return !(SESSION_ACTIONS as readonly string[]).includes(word) && isatty(0) && isatty(1);
}

async function pick(host: HostName, values: Values): Promise<number> {
  const { pickSession } = await import('../session/pick-session.ts');
  let picked: PickedSession | null = null;
  const status = await withHost(host, values, async (opened, messages) => {
    picked = await pickSession(opened, process);
    const { address } = opened;
    if (picked === null)
      messages.warn(`no sessions on ${address}; to start one: rexa session new ${address} NAME`);
    return 0;
  });
  return picked === null ? status : openPicked(picked, { values, host, command: [] });
}

function openPicked(picked: PickedSession, call: Omit<SessionCall, 'name'>): Promise<number> | number {
  if (picked.kind === 'quit') return 0;
  return join({ ...call, name: picked.name }, { open: 'existing', mode: picked.mode });
}

/** Options that belong to some actions alone. */
const OWN_OPTIONS: Readonly<Record<string, readonly SessionAction[]>> = {
  detach: ['new'],
  lines: ['attach', 'view'],
  json: ['list', 'end'],
  with: ['share', 'unshare'],
  drive: ['share'],
  for: ['share'],
  record: ['new'],
  'record-input': ['new'],
  speed: ['play'],
  'idle-limit': ['play'],
  start: ['play'],
};

function refuseOptions(action: SessionAction, values: Values): void {
  refuseStrangeOptions('rexa session', action, values, OWN_OPTIONS);
  if (values.i.includes(ON_STDIN) && action !== 'list' && action !== 'end')
    throw usageError('a session and -i - cannot both read stdin');
}

function play(file: string | undefined, extra: string | undefined, values: Values): Promise<number> {
  if (file === undefined) throw usageError('a FILE is missing: rexa session play FILE');
  if (extra !== undefined) throw usageError(`unexpected argument ${quoteWord(extra)} for rexa session play`);
  return playRecording(file, {
    speed: values.speed ?? 1,
    idleLimitMs: values['idle-limit'] ?? null,
    startMs: values.start ?? 0,
  });
}

function list(host: HostName, values: Values): Promise<number> {
  return withHost(host, values, async (opened, messages) => {
    const sessions = await opened.sessions();
    if (values.json) return print(writeJsonLine({ v: 1, host: opened.address, sessions }));
    if (sessions.length === 0) messages.warn(`no sessions on ${opened.address}`);
    return print(describeSessions(sessions, Date.now()));
  });
}

function end({ host, values, name }: SessionCall): Promise<number> {
  return withHost(host, values, async (opened, messages) => {
    const session = await opened.endSession(name);
    if (values.json) return print(writeJsonLine({ v: 1, host: opened.address, session }));
    messages.warn(`the session ${name} has ended: ${describeState(session)}`);
    return 0;
  });
}

async function share({ host, values, name }: SessionCall): Promise<number> {
  if (values.with === undefined) throw usageError('--with KEYFILE is missing: the public key to share with');
  const key = await readOneKey(values.with);
  const mode = values.drive ? 'drive' : 'view';
  return withHost(host, values, async (opened, messages) => {
    const { fingerprint, file } = await opened.shareSession(name, key, { mode, for: values.for });
    messages.warn(
      `${fingerprint} may ${mode} the session ${name}; it stands in ${file} on ${opened.address}`,
    );
    return 0;
  });
}

async function unshare({ host, values, name }: SessionCall): Promise<number> {
  const key = values.with === undefined ? undefined : await readOneKey(values.with);
  return withHost(host, values, async (opened, messages) => {
    const removed = await opened.unshareSession(name, key);
    messages.warn(`the session ${name} is shared no more with ${removed.join(', ')}`);
    return 0;
  });
}

/** @throws RexaError USAGE, and as readPublicKeys */
async function readOneKey(file: string): Promise<string> {
  const [first, ...others] = await readPublicKeys(file);
  if (first === undefined || others.length > 0) throw usageError(`${file} must have exactly one public key`);
  return formatPublicKey(first.key, first.comment);
}

function planOf({ host, values, name, command }: SessionCall, how: Partial<SessionOptions>): SessionPlan {
  const [file = '', ...args] = command.map((word) => readOwnWord(word, false));
  return {
    run: {
      ...host,
      file,
      args,
      options: command.length === 0 ? { shell: 'login' } : {},
      sendsStdin: true,
      keepsOutput: false,
      connectTimeoutMs: values['connect-timeout'],
    },
    session: {
      name,
      ...readRecord(values),
      ...(values.lines === undefined ? {} : { historyLines: values.lines }),
      ...how,
    },
    escape: values.escape,
    predict: values.predict,
    given: readHostOptions(values, host.user),
  };
}

function join(call: SessionCall, how: Partial<SessionOptions>): Promise<number> {
  const plan = planOf(call, how);
  return joinSession(plan, createProcessContext(createMessages(call.values), plan.given));
}

function startOnly(call: SessionCall): Promise<number> {
  const { host, values, name } = call;
  return withHost(host, values, async (opened, messages) => {
    try {
      const { recording } = await startDetached(opened, planOf(call, { open: 'new' }));
      if (recording !== null)
        messages.warn(`the session ${name} is recorded in ${recording} on ${opened.address}`);
    } catch (error) {
      if (!(error instanceof RunError)) throw error;
      messages.fail(error.result.reason ?? error.message);
      return EXIT_REXA_FAILED;
    }
    messages.warn(`the session ${name} runs; to attach: rexa session attach ${opened.address} ${name}`);
    return 0;
  });
}

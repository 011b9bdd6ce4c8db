import { isatty } from 'node:tty';
import { loadConfig } from '../../client/config/load-config.ts';
import { isSshHost } from '../../client/config/resolve-host-settings.ts';
import type { Parsed } from '../../command-line/command-spec.ts';
import { usageError } from '../../command-line/usage-error.ts';
import { isRexaAddress } from '../../config/ssh/address-of.ts';
import { applyFiles } from '../../config/ssh/apply-files.ts';
import type { Draft, SshSettings } from '../../config/ssh/settings.ts';
import { RexaError } from '../../protocol/errors.ts';
import type { SessionOptions } from '../../services/sessions/client-types.ts';
import { EXIT_DROP_IN_FAILED, exitStatusOfDropIn } from '../exit-status.ts';
import { type HostOptions, planHost } from '../host/host-plan.ts';
import type { Messages } from '../output/messages.ts';
import { print } from '../output/print.ts';
import { createProcessContext } from '../process-context.ts';
import { conductRun } from '../run/conduct-run.ts';
import { reportClosed, reportOutcome } from '../run/report-outcome.ts';
import type { ConductedRun, ProcessContext, RunPlan } from '../run/run-plan.ts';
import { conductSession as conductNamedSession } from '../session/conduct-session.ts';
import { readInSession } from '../session/session-options.ts';
import { goOnBehind, leaveBehind } from '../ssh/background.ts';
import { isBehind } from '../ssh/background-mark.ts';
import { control, requireControlPath } from '../ssh/control-socket.ts';
import { describeSilence } from '../ssh/describe-silence.ts';
import { explainHost } from '../ssh/explain.ts';
import { type FindJump, planJumps } from '../ssh/find-jumps.ts';
import { listAlgorithms } from '../ssh/list-algorithms.ts';
import { withLocalCommand } from '../ssh/local-command.ts';
import { messagesOf } from '../ssh/messages-of.ts';
import { planSession, type SshSession } from '../ssh/plan-session.ts';
import { printSettings } from '../ssh/print-settings.ts';
import { resolveJump, resolveWords } from '../ssh/resolve.ts';
import { type OwnConfig, resolveHost } from '../ssh/resolve-host.ts';
import { resolveHostOptions } from '../ssh/resolve-host-options.ts';
import { retryOpen } from '../ssh/retry-open.ts';
import { joinStdio, stay, stayUnusedFor } from '../ssh/stay.ts';
import { withForwards } from '../ssh/with-forwards.ts';
import { COMMANDS } from '../tables/program.ts';
import type { SSH_COMMAND } from '../tables/ssh.ts';
import type { PredictChoice } from '../terminal/prediction/predict-choice.ts';
import { turnToLines } from './line-shell.ts';

/** `rexa ssh`, and `rexa HOST`: a shell line, or a login shell on a terminal; 255 for rexa's own failures. */
export async function run(parsed: Parsed<typeof SSH_COMMAND>): Promise<number> {
  const { values, said, rest } = parsed;
  const query = values.Q.at(-1);
  if (query !== undefined) return print(listAlgorithms(query));
  const file = values.config === '/dev/null' ? 'none' : values.config;
  const own: OwnConfig = { config: await loadConfig(file), file };
  const readFiles = (draft: Draft, name: string, command: string): void =>
    applyFiles(draft, name, {
      file: values.F.at(-1) ?? (isSshHost(own.config, name) ? undefined : 'none'),
      command,
      usesPort: own.config?.['ssh-config-port'] === true,
      fail: (line) => messagesOf(draft.settings, values.color, values.E.at(-1)).fail(line),
    });
  const resolved = resolveWords(said, (draft, name) => readFiles(draft, name, (rest ?? []).join(' ')));
  const { host, remarks, traces } = resolved;
  const { written, settings, options } = await resolveHost(resolved, own);
  const byLetters = (others: HostOptions): HostOptions => ({
    ...others,
    ...(values['accept-new'] ? { unknownHost: 'accept-new' } : {}),
    reconnectForMs: values['reconnect-for'] ?? others.reconnectForMs,
  });
  const findJump: FindJump = async (named) => {
    const jump = resolveJump(said, named, (draft, name) => {
      if (!isRexaAddress(name)) readFiles(draft, name, '');
    });
    return { named, called: jump.host, given: byLetters((await resolveHost(jump, own)).options) };
  };
  const direct: HostOptions = {
    ...byLetters(options),
    similar: new Map(Object.keys(COMMANDS).map((name) => [name, `the command rexa ${name}`])),
  };
  if (values.G)
    return print(await printSettings(host, await resolveHostOptions(host, settings, direct), written));
  const given: HostOptions = { ...direct, ...(await planJumps(host, direct, own, findJump)) };
  const asked = values.O.at(-1);
  if (values.explain) {
    const messages = messagesOf(settings, values.color, values.E.at(-1));
    const { connect, jumps } = await planHost(host, given, messages);
    const known = await resolveHostOptions(host, settings, given);
    const warn = (line: string): void => messages.warn(line);
    return print(
      await explainHost({ resolved, written, settings: known, config: own.config, connect, jumps, warn }),
    );
  }
  const inSession = readInSession(values);
  const planned = planSession(host, settings, rest ?? [], values['connect-timeout'], isatty(0));
  const session = withPrediction(planned, values.predict);
  const messages = messagesOf(settings, values.color, values.E.at(-1));
  const isProxy = asked === 'proxy';
  if (isProxy) requireControlPath(settings);
  else if (asked !== undefined) return control(asked, settings, messages);
  for (const trace of traces) messages.debug(1, trace);
  const keptMs = ownShareMs(session, settings);
  const goesBehind = settings.forkAfterAuthentication === true || keptMs !== null;
  if (goesBehind && !isBehind()) return leaveBehind();
  for (const remark of remarks) messages.warn(remark);
  if (session.kind === 'run' && session.isUnfit && settings.requestTty === 'yes') {
    messages.warn('no terminal is allocated because stdin is not a terminal; -tt forces it');
  }
  const around = createSshContext(settings, adaptShare(given, isProxy, keptMs), messages);
  if (inSession !== null) return joinHostSession(session, inSession, given, around);
  return conductSession(session, given, around, keptMs, (ended) => describeSilence(ended, settings));
}

function createSshContext(settings: SshSettings, given: HostOptions, messages: Messages): ProcessContext {
  const plain = createProcessContext(messages, given);
  const open = retryOpen(plain.open, settings.connectionAttempts ?? 1, messages);
  const line = settings.permitLocalCommand === true ? (settings.localCommand ?? null) : null;
  const forwarding = withForwards({ ...plain, open }, settings);
  const around =
    line === null ? forwarding : { ...forwarding, open: withLocalCommand(forwarding.open, line, messages) };
  return isBehind() ? goOnBehind(around) : around;
}

/** `-M -N` with ControlPersist: this process itself shares the connection in the background; null: it does not. */
function ownShareMs(
  { kind }: SshSession,
  { controlMaster, controlPath, controlPersistMs = 0 }: SshSettings,
): number | null {
  const shares = (controlMaster === 'yes' || controlMaster === 'ask') && controlPath !== undefined;
  return kind === 'stay' && shares && controlPersistMs > 0 ? controlPersistMs : null;
}

/** `-O proxy`: a connection that is shared already, and no other one. A process that shares its own needs none in the background. */
function adaptShare(given: HostOptions, isProxy: boolean, keptMs: number | null): HostOptions {
  if (!given.share) return given;
  if (isProxy) return { ...given, share: { ...given.share, mode: 'no', persistMs: null, isRequired: true } };
  return keptMs === null ? given : { ...given, share: { ...given.share, persistMs: null } };
}

/** ssh_config has no word for it. */
function withPrediction(session: SshSession, predict: PredictChoice | undefined): SshSession {
  if (session.kind !== 'run' || session.plan.terminal === undefined) return session;
  return { ...session, plan: { ...session.plan, terminal: { ...session.plan.terminal, predict } } };
}

/** `--session NAME`: opened if it is not there yet. @throws RexaError USAGE */
function joinHostSession(
  asked: SshSession,
  session: SessionOptions,
  given: HostOptions,
  around: ProcessContext,
): Promise<number> {
  const terminal = asked.kind === 'run' ? asked.plan.terminal : undefined;
  if (asked.kind !== 'run' || terminal === undefined)
    throw usageError('--session needs a terminal: use -t with a command, and no -T, -N or -W');
  const { forwardAgent, ...options } = asked.plan.options;
  if (forwardAgent !== undefined)
    around.messages.warn('the ssh-agent is not forwarded to a named session, which outlives its client');
  const plan: RunPlan = { ...asked.plan, options };
  const { escape: sign, predict } = terminal;
  const joined = { run: plan, session, escape: sign, predict, given };
  return conductNamedSession(joined, around, (ended) => {
    reportOutcome(ended, plan, around.messages, { saysOfInput: false, hasEncodingOption: false });
    return exitStatusOfDropIn(ended);
  });
}

async function conductSession(
  session: SshSession,
  given: HostOptions,
  around: ProcessContext,
  keptMs: number | null,
  explain: (ended: ConductedRun) => string | null,
): Promise<number> {
  if (session.kind === 'stay')
    return stay(session, around, keptMs === null ? undefined : stayUnusedFor(keptMs));
  if (session.kind === 'stdio') return stay(session, around, joinStdio(session.to));
  const { plan } = session;
  const ended = await conductRun(plan, around);
  if (ended.result.code === 'TERMINAL_UNAVAILABLE' && plan.options.shell === 'login') {
    return goOnByLines(plan, ended, around, given);
  }
  const silence = explain(ended);
  if (isEndedByParent(ended)) around.messages.debug(1, `killed by ${ended.cause}`);
  else if (silence !== null) around.messages.fail(silence);
  else {
    // Programs that call ssh may read what it says; a person sees it
    const said = { saysOfInput: isatty(2), hasEncodingOption: false };
    reportOutcome(ended, plan, around.messages, said);
  }
  if (plan.terminal !== undefined && plan.options.shell === 'login')
    reportClosed(ended, plan, around.messages);
  return exitStatusOfDropIn(ended);
}

/** A parent that has done with us (svn, a ProxyCommand's ssh) wants nothing said of it; ssh says it at -v. */
function isEndedByParent({ result, cause }: ConductedRun): boolean {
  const isAsked = cause === 'SIGTERM' || cause === 'SIGHUP';
  return isAsked && result.outcome === 'canceled' && result.survivors.length === 0;
}

/** A shell was wanted, and the host has no terminal to give. */
async function goOnByLines(
  plan: RunPlan,
  { result }: ConductedRun,
  { open, messages }: ProcessContext,
  given: HostOptions,
): Promise<number> {
  const lines = { ...plan, encoding: undefined, color: undefined, isQuiet: false, open, given };
  try {
    return await turnToLines(result.reason ?? result.outcome, lines, messages);
  } catch (error) {
    if (!(error instanceof RexaError)) throw error;
    messages.fail(error.message);
    return EXIT_DROP_IN_FAILED;
  }
}

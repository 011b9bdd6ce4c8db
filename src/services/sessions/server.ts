import { describePrincipal, type Principal, showName } from '../../auth/principal.ts';
import { RexaError } from '../../protocol/errors.ts';
import { toRexaError } from '../../protocol/to-rexa-error.ts';
import { type AuditLines, describeError } from '../audit-lines.ts';
import type { Call } from '../call.ts';
import { cutFacts } from '../cut-facts.ts';
import { defineService } from '../define-service.ts';
import type { AskedSupervisor } from '../jobs/asked-supervisor.ts';
import { writeStart } from '../jobs/job-runs.ts';
import { INTERACTIVE_BUFFER_BYTES, INTERACTIVE_WINDOW_BYTES } from '../limits.ts';
import type { AuthorizedRun } from '../run/authorize.ts';
import { type CommandHost, prepareRun } from '../run/prepare-run.ts';
import { chooseRecording, type RecordPolicy } from '../run/record-policy.ts';
import { settleSupervised } from '../run/recover-runs.ts';
import type { RunRecords } from '../run/run-records.ts';
import type { Service, Turn } from '../service.ts';
import { utf8Outcome } from '../terminals/utf8-outcome.ts';
import {
  type AuthorizedSession,
  authorizeSession,
  checkAttach,
  createTakenAway,
  mayAttach,
  SESSIONS_OF_BOUND,
} from './authorize.ts';
import { bridgeSession } from './bridge.ts';
import { createLooks } from './looks.ts';
import {
  endSessionSchema,
  listSessionsSchema,
  type OpenSessionRequest,
  openSessionSchema,
  sessionScreenSchema,
  shareSessionSchema,
  unshareSessionSchema,
} from './messages.ts';
import type { SessionEnds } from './session-ends.ts';
import type { SessionShares } from './shares.ts';
import {
  readSessionFinalMessage,
  readSessionMessage,
  type SessionFinalMessage,
  type SupervisorOpenRequest,
} from './supervisor-messages.ts';
import { watchExpiry } from './watch-expiry.ts';

/** What the services of sessions are made of. */
export interface SessionServicesOptions {
  readonly supervisor: AskedSupervisor;
  readonly audit: AuditLines;
  readonly host: CommandHost;
  readonly recording: RecordPolicy;
  readonly shares: SessionShares;
  readonly records: RunRecords;
  readonly ends: SessionEnds;
  /** Resolves when the daemon leaves sessions to the supervisor. */
  readonly released: Promise<unknown>;
}

/**
 * Creates the services `session`, `sessions` and `session-end`; docs/sessions.md. The sessions of an account are open to all who
 * may run any command as that account, and to nobody else.
 */
export function createSessionServices(options: SessionServicesOptions): readonly Service[] {
  const { supervisor, audit, shares } = options;
  const takenAway = createTakenAway();
  const looks = createLooks((principal, name) =>
    audit.note('session-screen-read', principal, { session: name }),
  );

  /** A question that is answered in one word. @throws RexaError what the supervisor refused with */
  async function ask(request: Parameters<AskedSupervisor['open']>[0]): Promise<SessionFinalMessage> {
    const answer = await openOf(supervisor, request, { receive: [] });
    if (answer.kind === 'closed') return readSessionFinalMessage(answer.last);
    answer.channel.abort({});
    throw new RexaError('SUPERVISOR_UNREACHABLE', ['it has opened what was only asked for']);
  }

  return [
    defineService<OpenSessionRequest, AuthorizedSession>({
      name: 'session',
      schema: openSessionSchema,
      openToBound: SESSIONS_OF_BOUND,
      authorize: (request, principal) => authorizeSession(request, principal, takenAway),
      audit: ({ name, open, mode }) => ({ session: name, open, mode }),
      drain: 'serve',
      serve: (call, { request, turn }) => openSession(options, call, request, turn),
    }),
    defineService({
      name: 'sessions',
      schema: listSessionsSchema,
      openToBound: { fields: [], toSessionKeys: true },
      authorize: (request) => request,
      drain: 'serve',
      async serve({ channel, principal }) {
        const { sessions = [] } = await ask({ service: 'sessions', principal: principal.name });
        channel.close({
          sessions: sessions.filter(({ name }) => mayAttach(principal, name, 'view', takenAway)),
        });
      },
    }),
    defineService({
      name: 'session-screen',
      schema: sessionScreenSchema,
      openToBound: { fields: ['name'], toSessionKeys: true },
      authorize(request, principal) {
        checkAttach(principal, request.name, 'view', takenAway);
        return request;
      },
      drain: 'serve',
      async serve({ channel, principal }, { request: { name }, turn }) {
        // It waits for its own connection only
        turn.started();
        const screen = await looks.take(principal, name, async () => {
          checkAttach(principal, name, 'view', takenAway);
          return (await ask({ service: 'session-screen', principal: principal.name, name })).screen;
        });
        channel.close({ screen: screen ?? [] });
      },
    }),
    defineService({
      name: 'session-end',
      schema: endSessionSchema,
      authorize: (request) => request,
      drain: 'serve',
      async serve({ channel, principal }, { request: { name }, turn }) {
        const answer = ask({ service: 'session-end', principal: principal.name, name });
        // The end of a program may take its time
        turn.started();
        audit.note('session-end-requested', principal, { session: name });
        const { session } = await answer;
        channel.close(session ? { session } : {});
      },
    }),
    defineService({
      name: 'session-share',
      schema: shareSessionSchema,
      authorize: (request) => request,
      drain: 'serve',
      async serve({ channel, principal }, { request: { name, key, mode, forMs } }) {
        const shared = await shares.add({ name, mode }, key, forMs);
        takenAway.remove(shared.fingerprint, name);
        audit.note('session-shared', principal, { session: name, mode, key: shared.fingerprint, forMs });
        channel.close({ shared });
      },
    }),
    defineService({
      name: 'session-unshare',
      schema: unshareSessionSchema,
      authorize: (request) => request,
      drain: 'serve',
      async serve({ channel, principal }, { request: { name, key } }) {
        const removed = await shares.remove(name, key);
        for (const fingerprint of removed) takenAway.add(fingerprint, name);
        for (const fingerprint of removed)
          await ask({
            service: 'session-expel',
            principal: principal.name,
            name,
            owner: `key:${fingerprint}`,
          });
        audit.note('session-unshared', principal, { session: name, keys: removed });
        channel.close({ unshared: removed });
      },
    }),
  ];
}

async function openSession(
  options: SessionServicesOptions,
  { channel, principal }: Call,
  { asked, run }: AuthorizedSession,
  turn: Turn,
): Promise<void> {
  channel.limitBuffers(INTERACTIVE_BUFFER_BYTES);
  const { supervisor, audit, host, recording, released } = options;
  const { name, mode } = asked;
  const prepared = run === null ? null : await prepareStart(asked, run, host, recording);
  const record = prepared === null ? null : openRecord(options, principal, name, prepared);
  const start = prepared === null || record === null ? null : { ...prepared, mark: record.mark };
  const answer = await openOf(
    supervisor,
    {
      service: 'session',
      principal: principal.name,
      who: showName(principal),
      name,
      open: asked.open,
      mode,
      session: asked.session,
      historyLines: asked.historyLines,
      size: readSize(asked),
      ...(start === null ? {} : { start }),
    },
    {
      receive: [0],
      windowBytes: INTERACTIVE_WINDOW_BYTES,
      ...(start === null ? {} : { lost: new RexaError('SESSION_LOST', [name]) }),
    },
  ).catch((error: unknown) => {
    record?.remove();
    throw error;
  });
  turn.started();
  if (answer.kind === 'closed') {
    record?.remove();
    const { session, outcome } = readSessionFinalMessage(answer.last);
    if (session !== undefined) channel.send({ type: 'session', session });
    return channel.close(outcome === undefined ? {} : { outcome: utf8Outcome(outcome) });
  }
  const first = readSessionMessage(answer.message);
  const facts = { session: name, id: first.session.id };
  if (first.isNew) {
    const { command, recording: file } = first.session;
    audit.note('session-started', principal, { ...facts, command, recording: file });
    void record?.follow();
  } else {
    record?.remove();
  }
  audit.note('session-attached', principal, { ...facts, mode });
  const expiry = watchExpiry(principal);
  const end = await bridgeSession(channel, { channel: answer.channel, first }, released, expiry.expired)
    .finally(expiry.stop)
    .catch((error: unknown) => {
      audit.note('session-left', principal, { ...facts, ...describeError(error) });
      throw error;
    });
  audit.note('session-left', principal, {
    ...facts,
    ...(end === null ? {} : { outcome: end.outcome ?? null }),
  });
  if (end === null) return;
  if (end.error) throw toRexaError(end.error);
  channel.close(end.outcome === undefined ? {} : { outcome: utf8Outcome(end.outcome) });
}

/** What is started, without the mark of its record. */
type PreparedStart = Omit<NonNullable<SupervisorOpenRequest['start']>, 'mark'>;

/** The record of a session that may be about to start: whatever dies from then on, its end is audited. */
interface SessionRecord {
  readonly mark: string;
  /** It was not started for this request. */
  remove(): void;
  /** Waits for its end, and audits it. */
  follow(): Promise<void>;
}

function openRecord(
  { audit, records, ends }: SessionServicesOptions,
  principal: Principal,
  name: string,
  { id, command }: PreparedStart,
): SessionRecord {
  const { pid: _pid, ...who } = describePrincipal(principal);
  const facts = cutFacts({ ...who, session: name, id, command });
  const { mark, remove } = records.open(facts, audit.place, { session: id });
  return {
    mark,
    remove,
    async follow() {
      const last = await ends.wait(mark, (reason) => audit.write('recording-failed', { ...facts, reason }));
      audit.write('session-ended', { ...facts, ...(await settleSupervised(mark, last)) });
      remove();
    },
  };
}

/** @throws RexaError SESSION_ENCODING, RECORDING_REFUSED, and as prepareRun */
async function prepareStart(
  { name, run: { id }, record }: OpenSessionRequest,
  { resolved, rights, request }: AuthorizedRun,
  host: CommandHost,
  policy: RecordPolicy,
): Promise<PreparedStart> {
  const { start } = await prepareRun(resolved, rights, host);
  const { terminal } = start;
  if (terminal === undefined) throw new RexaError('REQUEST_WRONG_SHAPE', ['run.terminal: it is missing']);
  if (!terminal.isUtf8) throw new RexaError('SESSION_ENCODING', [request.encoding.input]);
  const file = chooseRecording(policy, record?.file, name);
  return {
    ...writeStart({ ...start, environment: [...start.environment, ['REXA_SESSION', name]] }),
    stdin: 'pipe',
    id,
    command: request.command,
    isUtf8: true,
    ...(terminal.modes === undefined ? {} : { modes: terminal.modes }),
    ...(file === null
      ? {}
      : { record: { file, input: record?.input ?? false, term: request.terminal?.term ?? '' } }),
    ...(request.killAfterMs === undefined ? {} : { killAfterMs: request.killAfterMs }),
  };
}

const DEFAULT_SIZE = { columns: 80, rows: 24 } as const;

function readSize({ run: { terminal = { ...DEFAULT_SIZE, term: '' } } }: OpenSessionRequest) {
  const { columns, rows, widthPixels, heightPixels } = terminal;
  return { columns, rows, widthPixels, heightPixels };
}

/** A supervisor of an older version knows no sessions. */
async function openOf(
  supervisor: AskedSupervisor,
  ...words: Parameters<AskedSupervisor['open']>
): ReturnType<AskedSupervisor['open']> {
  try {
    return await supervisor.open(...words);
  } catch (error) {
    if (error instanceof RexaError && error.code === 'SERVICE_UNKNOWN')
      throw new RexaError('SESSION_UNSUPPORTED', []);
    throw error;
  }
}

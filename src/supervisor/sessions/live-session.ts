import { constants } from 'node:os';
import { PassThrough } from 'node:stream';
import { conductRun, type RunPeer } from '../../process/conduct/conduct-run.ts';
import { type Recording, startRecording } from '../../process/recording/recording.ts';
import type { Runner, Running } from '../../process/runner/runner.ts';
import { isStandardSignal } from '../../process/runner/signals.ts';
import { RexaError } from '../../protocol/errors.ts';
import type { JobOutcome } from '../../protocol/job.ts';
import type { SessionView } from '../../protocol/session.ts';
import { describeWord, readWord } from '../../protocol/word.ts';
import { createAsyncQueue } from '../../runtime/async-queue.ts';
import type { CallChannel } from '../../services/call.ts';
import type { RunCommandMessage } from '../../services/run/messages.ts';
import { readSessionClientMessage, type SessionClientMessage } from '../../services/sessions/messages.ts';
import type { SupervisorOpenRequest } from '../../services/sessions/supervisor-messages.ts';
import { NO_FILTERS } from '../jobs/no-filters.ts';
import { readStart } from '../jobs/read-start.ts';
import { MAX_CLIENTS_PER_SESSION } from '../limits.ts';
import type { Log } from '../log.ts';
import type { ClientSize } from './paint-frame.ts';
import { createScreen } from './screen.ts';
import { createSessionClients, type JoiningClient, type SessionClient } from './session-clients.ts';
import { createSessionSink } from './sink.ts';
import { createWholeSequences } from './whole-sequences.ts';

/** What a shell adds to the number of a signal. */
const SIGNAL_BASE = 128;

type Start = NonNullable<SupervisorOpenRequest['start']>;

/** A session whose program runs, or has ended a while ago. */
export interface LiveSession {
  readonly view: SessionView;
  /** Attaches a client until it leaves, or until the program has ended. @throws RexaError SESSION_FULL */
  join(joining: JoiningClient, isNew: boolean): void;
  /** The rows of its screen. */
  text(): readonly string[];
  /** Ends what a principal has attached. */
  expel(principal: string): void;
  /** Hangs up the terminal; what has not ended then is ended. @param why goes on after "the command was canceled" */
  end(why: string): void;
  /** Resolves when its program has ended, and its clients have been told. */
  readonly ended: Promise<void>;
}

/** Whom a session tells what happens to it, beside its clients. */
export interface SessionListener {
  readonly log: Log;
  /** Called once, with the reason, if it goes on without being recorded. */
  handleRecordingFailed(reason: string): void;
}

/**
 * Starts a program on a terminal with a screen.
 * @throws RexaError RECORDING_FAILED, and as the runner: then nothing was run
 */
export async function startSession(
  { name, who, size }: Pick<SupervisorOpenRequest, 'name' | 'who' | 'size'>,
  start: Start,
  runner: Runner,
  { log, handleRecordingFailed }: SessionListener,
): Promise<LiveSession> {
  const requestedMs = performance.now();
  const createdMs = Date.now();
  const messages = createAsyncQueue<RunCommandMessage>();
  const canceled = Promise.withResolvers<string>();
  const ended = Promise.withResolvers<void>();
  const keys = new PassThrough();
  keys.setMaxListeners(0);
  const sequences = createWholeSequences();
  const screen = await createScreen(size, {
    handleReply(text) {
      // A program that asks and does not read gets no more answers
      if (state === 'running' && !keys.writableNeedDrain) keys.write(text);
    },
    handlePainted: () => sink.handlePainted(),
  });
  const clients = createSessionClients(screen);
  const sink = createSessionSink(screen, (bytes) => {
    activeMs = Date.now();
    const shown = sequences.take(bytes);
    recording?.takeOutput(shown);
    clients.take(shown);
  });
  /** What is asked of the terminal; the screen follows. */
  let terminalSize: ClientSize = { columns: screen.columns, rows: screen.rows };
  let state: 'running' | 'ended' = 'running';
  let activeMs = createdMs;
  let endedMs: number | null = null;
  let outcome: JobOutcome | null = null;

  let recording: Recording | null = null;
  let running: Running;
  try {
    recording = openRecording();
    running = await startProgram(start, size, runner);
  } catch (error) {
    recording?.discard();
    screen.close();
    throw error;
  }

  /** @throws RexaError RECORDING_FAILED */
  function openRecording(): Recording | null {
    if (start.record === undefined) return null;
    const { file, term } = start.record;
    const header = { ...terminalSize, term, title: name, command: describeCommand(start.command) };
    return startRecording({
      file,
      header,
      paint: () => screen.paint(null),
      handleFailure(error) {
        recording = null;
        log('a session is not recorded any more', { name, file, error: error.message });
        handleRecordingFailed(error.message);
        clients.report(describe());
      },
    });
  }

  function describe(): SessionView {
    return {
      id: start.id,
      name,
      state,
      command: start.command,
      who,
      createdMs,
      endedMs,
      pid: state === 'running' ? running.pid : null,
      columns: terminalSize.columns,
      rows: terminalSize.rows,
      title: screen.title,
      idleMs: Math.max(0, (endedMs ?? Date.now()) - activeMs),
      recording: recording?.file ?? null,
      clients: clients.describe(),
      outcome,
    };
  }

  function fitSize(): void {
    const wanted = clients.wantedSize;
    if (wanted === null || state !== 'running') return;
    if (wanted.columns === terminalSize.columns && wanted.rows === terminalSize.rows) return;
    terminalSize = wanted;
    messages.push({ type: 'resize', ...wanted });
    recording?.takeSize(wanted);
    screen.resize(wanted);
    clients.restartAll();
  }

  function join(joining: JoiningClient, isNew: boolean): void {
    const { channel, mode } = joining;
    if (clients.count >= MAX_CLIENTS_PER_SESSION) throw new RexaError('SESSION_FULL', [name, clients.count]);
    const client = clients.join(joining);
    fitSize();
    channel.send({ type: 'session', isNew, session: describe() });
    clients.report(describe(), client);
    if (mode === 'drive') takeKeys(channel);
    else channel.input(0).resume();
    void followMessages(channel, (message) => handleMessage(client, message));
    void channel.ended.then(() => leave(client));
  }

  function leave(client: SessionClient): void {
    if (state === 'ended') return;
    clients.leave(client);
    fitSize();
    clients.report(describe());
  }

  function takeKeys(channel: CallChannel): void {
    const input = channel.input(0);
    input.on('data', (typed: Buffer) => {
      activeMs = Date.now();
      // Best effort: a program that reads single keys, and shows none, is not known by this
      if (start.record?.input === true && running.hidesInput?.() !== true) recording?.takeInput(typed);
    });
    input.on('error', () => undefined);
    input.pipe(keys, { end: false });
  }

  function handleMessage(client: SessionClient, message: SessionClientMessage): void {
    switch (message.type) {
      case 'resize':
        clients.resize(client, message);
        if (client.mode === 'drive') fitSize();
        return;
      case 'repaint':
        return client.feed.restart(client.size);
      case 'signal':
        if (client.mode === 'drive' && isStandardSignal(message.name)) messages.push(message);
        return;
      default:
        return message satisfies never;
    }
  }

  async function conduct(): Promise<void> {
    const peer: RunPeer = {
      stdin: () => keys,
      stdout: sink.stream,
      stderr: createSessionSink(screen, () => undefined).stream,
      reportStarted: () => undefined,
      reportRefused: () => undefined,
      reportHeld: () => undefined,
      nextMessage: () => messages.next(),
      gone: new Promise(() => undefined),
    };
    const { encoding: _, ...told } = await conductRun(
      {
        request: start.killAfterMs === undefined ? {} : { killAfterMs: start.killAfterMs },
        requestedMs,
        prepared: NO_FILTERS,
        running,
        canceled: canceled.promise,
        keepHeld: (pipe) => pipe.destroy(),
        handleEnded: () => undefined,
      },
      peer,
    );
    if (!sink.stream.writableFinished) await new Promise((resolve) => sink.stream.once('finish', resolve));
    messages.end();
    state = 'ended';
    endedMs = Date.now();
    outcome = told;
    recording?.end(statusOf(told));
    const last = { session: describe(), outcome: told };
    clients.close(last);
    screen.close();
    ended.resolve();
  }

  void conduct();
  return {
    get view() {
      return describe();
    },
    join,
    text: screen.text,
    expel(principal) {
      const { code, message } = new RexaError('SESSION_UNSHARED', [name]);
      for (const client of clients.of(principal)) {
        client.channel.abort({ error: { code, message } });
        leave(client);
      }
    },
    end: canceled.resolve,
    ended: ended.promise,
  };
}

function describeCommand(command: Start['command']): string {
  if ('argv' in command) return command.argv.map((word) => describeWord(readWord(word))).join(' ');
  if ('line' in command) return describeWord(readWord(command.line));
  return 'subsystem' in command ? command.subsystem : '';
}

/** As a shell has it. */
function statusOf({ exitCode, signal }: JobOutcome): number | null {
  if (exitCode !== null) return exitCode;
  const numbers: Readonly<Record<string, number>> = constants.signals;
  const number = numbers[signal ?? ''];
  return number === undefined ? null : SIGNAL_BASE + number;
}

function startProgram(
  { isUtf8, modes, record: _record, ...start }: Start,
  size: SupervisorOpenRequest['size'],
  runner: Runner,
): Promise<Running> {
  return runner.start({
    ...readStart(start, start.mark),
    terminal: { ...withoutUndefined(size), isUtf8, ...(modes === undefined ? {} : { modes }) },
  });
}

function withoutUndefined({ columns, rows, widthPixels, heightPixels }: SupervisorOpenRequest['size']) {
  return {
    columns,
    rows,
    ...(widthPixels === undefined ? {} : { widthPixels }),
    ...(heightPixels === undefined ? {} : { heightPixels }),
  };
}

/** A message that can't be understood is passed over: the session is others' too. */
async function followMessages(
  channel: CallChannel,
  handle: (message: SessionClientMessage) => void,
): Promise<void> {
  for (let next = await channel.nextMessage(); next !== null; next = await channel.nextMessage()) {
    try {
      handle(readSessionClientMessage(next));
    } catch {
      // not ours
    }
  }
}

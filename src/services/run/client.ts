import { randomUUID } from 'node:crypto';
import { finished, PassThrough, Readable, type Writable } from 'node:stream';
import { checkRunOptions, checkSize, readTimeout } from '../../client/check-options.ts';
import { writeCommandLine } from '../../client/command-line.ts';
import { DescriptorStream } from '../../client/descriptor-stream.ts';
import { type FollowedProgress, followProgress, followRun } from '../../client/follow-run.ts';
import type { ForwardingHost } from '../../client/forwarded-channels.ts';
import { grantAgent } from '../../client/granted-agent.ts';
import { makeRun } from '../../client/make-run.ts';
import { resolveRun } from '../../client/resolve-run.ts';
import { type Ending, endingOfError, failedResult } from '../../client/run-result.ts';
import type { RemoteRun, RunOptions, RunResult } from '../../client/run-types.ts';
import { watchStalledReaders } from '../../client/stalled-output.ts';
import { findBytes, toWireVariables, toWireWord } from '../../client/words.ts';
import type { LinkChannel } from '../../link/channel.ts';
import type { ChannelInput, ChannelOutput } from '../../link/channel-stream.ts';
import type { Link } from '../../link/link.ts';
import type { JsonObject } from '../../protocol/control.ts';
import { RexaError } from '../../protocol/errors.ts';
import { BYTES, STDIO } from '../../protocol/version.ts';
import { describeWord, type Word } from '../../protocol/word.ts';
import { INTERACTIVE_BUFFER_BYTES, INTERACTIVE_WINDOW_BYTES } from '../limits.ts';
import type { SessionOptions } from '../sessions/client-types.ts';

/** The streams of a run, as docs/protocol.md numbers them. */
const STDIN = 0;
const STDOUT = 0;
const STDERR = 1;

/** Asks for a run on a link. Never throws: what goes wrong is the promise's outcome. */
export function startRun(
  host: ForwardingHost,
  file: Word,
  args: readonly Word[],
  options: RunOptions,
): RemoteRun<string | Uint8Array> {
  try {
    return openRun(host, file, args, options);
  } catch (error) {
    if (!(error instanceof RexaError)) throw error;
    return refuseRun(host.address, error, options, writeCommandLine(host.address, file, args, options));
  }
}

/** @throws RexaError USAGE, CLOSED, CHANNELS_EXHAUSTED, CONTROL_TOO_LARGE: nothing was sent */
function openRun(
  host: ForwardingHost,
  file: Word,
  args: readonly Word[],
  options: RunOptions,
): RemoteRun<string | Uint8Array> {
  const { link, address } = host;
  const id = options.id ?? randomUUID();
  const asked = makeRequest(id, file, args, options);
  const agent = grantAgent(host, options);
  const isInteractive = options.terminal !== undefined;
  const window = isInteractive ? INTERACTIVE_WINDOW_BYTES : undefined;
  const request = { ...asked, agent: agent?.grant };
  let channel: LinkChannel;
  try {
    channel = link.open(request, [STDOUT, STDERR, ...listDescriptors(options)], window);
  } catch (error) {
    agent?.revoke();
    throw error;
  }
  if (agent !== null) void channel.ended.then(agent.revoke);
  if (isInteractive) channel.limitBuffers(INTERACTIVE_BUFFER_BYTES);
  const above = listDescriptors(options);
  const progress = followProgress(channel, options);
  const { pid } = progress;
  const stdout = channel.input(STDOUT);
  const stderr = channel.input(STDERR);
  const abandoned = Promise.withResolvers<Ending>();
  const cancel = (): void => channel.send({ type: 'cancel' });
  let inputError: Error | null = null;
  /** Why this end has canceled it for its streams. */
  let cancelReason: string | null = null;
  const handleInputError = (error: Error): void => {
    inputError = error;
    cancelReason ??= `the input could not be read (${error.message}), so the command was ended`;
    cancel();
  };
  const handleOverflow = (): void => {
    cancelReason ??= 'its output is longer than maxBuffer, so the command was ended';
    cancel();
  };
  const stdin = feedInput(channel.output(STDIN), options, handleInputError);
  if (stdin !== null) endBroken(channel.output(STDIN), options, handleInputError);
  options.cancelSignal?.addEventListener('abort', cancel, { once: true });
  if (options.cancelSignal?.aborted) cancel();

  const overflow = endsTooLong(options) ? { handleOverflow } : {};
  const promise = followRun({ link, address, channel, id, options, progress, ...overflow }, abandoned.promise)
    .then((result) => blameOldDaemon(result, findBytes(file, args, options), link))
    .then((result) =>
      resolveRun(blameCancel(result, cancelReason), options, () => ({
        command: writeCommandLine(address, file, args, options),
        cause: inputError ?? (options.cancelSignal?.aborted ? options.cancelSignal.reason : undefined),
      })),
    )
    .finally(() => options.cancelSignal?.removeEventListener('abort', cancel));
  const streams = above.map((number) => {
    const input = channel.input(number);
    closeWithReader(link, channel, number, input);
    return [number, new DescriptorStream(input, channel.output(number))] as const;
  });
  closeWithReader(link, channel, STDOUT, stdout);
  closeWithReader(link, channel, STDERR, stderr);
  endStalled(progress, channel, [stdout, stderr, ...above.map((number) => channel.input(number))]);
  return makeRun(promise, {
    id,
    pid,
    job: progress.job,
    exited: progress.exited,
    stdin,
    stdout,
    stderr,
    stdio: placeStreams([stdin, stdout, stderr], new Map(streams)),
    kill: (signal: NodeJS.Signals = 'SIGTERM', { tree = false }: { readonly tree?: boolean } = {}) =>
      channel.send({ type: 'signal', name: signal, ...(tree ? { tree } : {}) }),
    resize(columns: number, rows: number, pixels: Parameters<RemoteRun['resize']>[2] = {}) {
      if (options.terminal) channel.send({ type: 'resize', ...checkSize({ ...pixels, columns, rows }) });
    },
    onInputRefused: progress.onInputRefused,
    onDraining: progress.onDraining,
    cancel,
    hangUp: () => channel.send({ type: 'hang-up' }),
    abandon() {
      leaveChannel(channel, options);
      abandoned.resolve(endingOfError('lost', new RexaError('ABANDONED')));
    },
  });
}

/**
 * Returns whether a run that will reject for its output ends with that, as in execa: a command that writes for ever would never
 * settle. What goes on without this client does so.
 */
function endsTooLong({ reject = true, lifetime, session }: RunOptions): boolean {
  return reject && lifetime !== 'detached' && session === undefined;
}

/** A session goes on, with all that was typed before it was left. */
function leaveChannel(channel: LinkChannel, { session }: RunOptions): void {
  if (session === undefined) return channel.abort({});
  channel.output(STDIN).end();
  channel.close({});
}

/** The descriptors above 2 that were asked for. */
function listDescriptors({ stdio = [] }: RunOptions): number[] {
  return [...stdio.keys()].filter((number) => number > 2 && stdio[number] === 'pipe');
}

function placeStreams(
  first: readonly RemoteRun['stdio'][number][],
  above: ReadonlyMap<number, DescriptorStream>,
): RemoteRun['stdio'] {
  const highest = Math.max(first.length - 1, ...above.keys());
  return Array.from({ length: highest + 1 }, (_, number) => first[number] ?? above.get(number) ?? null);
}

/** What a stdin that is destroyed before its end means: on purpose, the end; by an error, a command that must not take it for that. */
function endBroken(
  stdin: ChannelOutput,
  { brokenStdin = 'cancel' }: RunOptions,
  handleFailure: (error: Error) => void,
): void {
  stdin.once('close', () => {
    if (stdin.writableFinished) return;
    if (stdin.errored && brokenStdin === 'cancel') handleFailure(stdin.errored);
    else stdin.endAnyway();
  });
}

/** A stream that is destroyed before its end is read no more: the command gets EPIPE, as from a pipe whose reader is gone. */
function closeWithReader(link: Link, channel: LinkChannel, stream: number, input: ChannelInput): void {
  input.once('close', () => {
    if (input.readableEnded) return;
    void link.peer.then((peer) => {
      if (peer?.features.includes(STDIO)) channel.send({ type: 'close-output', stream });
    });
  });
}

/** A run that a timeout or a cancel ended settles, whether its output is read or not. */
function endStalled(
  { exited }: FollowedProgress,
  channel: LinkChannel,
  streams: readonly ChannelInput[],
): void {
  void exited.then((exit) => {
    if (exit?.name !== 'timed-out' && exit?.name !== 'canceled') return;
    void channel.ended.then(watchStalledReaders(streams));
  });
}

/** A run that came to nothing at this end. */
function refuseRun(
  address: string,
  error: RexaError,
  options: RunOptions,
  command: string,
): RemoteRun<string | Uint8Array> {
  const id = options.id ?? randomUUID();
  const name = error.code === 'CLOSED' ? 'unreachable' : 'not-started';
  const promise = resolveRun(failedResult(address, id, name, error, options), options, () => ({
    command,
    cause: error,
  }));
  return makeRun(promise, {
    id,
    pid: Promise.resolve(null),
    job: Promise.resolve(null),
    exited: Promise.resolve(null),
    stdio: [],
    stdin: options.stdin === 'pipe' ? new PassThrough().resume() : null,
    stdout: Readable.from([]),
    stderr: Readable.from([]),
    kill() {},
    resize() {},
    onInputRefused() {},
    onDraining() {},
    cancel() {},
    hangUp() {},
    abandon() {},
  });
}

function makeRequest(id: string, file: Word, args: readonly Word[], options: RunOptions): JsonObject {
  checkRunOptions(options);
  if (options.shell && args.length > 0) {
    throw new RexaError('USAGE', ['a shell line takes no separate arguments: put them into the line']);
  }
  if (options.subsystem && (options.shell || args.length > 0)) {
    throw new RexaError('USAGE', ['a subsystem has a name, and neither arguments nor a shell']);
  }
  if (options.shell === 'login' && file.length > 0) {
    throw new RexaError('USAGE', ['a login shell is asked for by an empty name: for a line, shell is true']);
  }
  const request = {
    service: 'run',
    id,
    command: makeCommand(file, args, options),
    terminal: options.terminal && {
      ...options.terminal,
      term: options.terminal.term ?? 'xterm-256color',
      ...checkSize(options.terminal),
    },
    cwd: options.cwd && toWireWord(options.cwd),
    env: options.env && toWireVariables(options.env),
    offeredEnv: options.offeredEnv && toWireVariables(options.offeredEnv),
    stdin: options.input === undefined && options.stdin !== 'pipe' ? 'none' : 'stream',
    argv0: options.argv0 && toWireWord(options.argv0),
    stdio: makeStdio(options),
    // Who keeps all output reads it, too
    reportExit: options.buffer === false || undefined,
    localPrograms: options.localPrograms && toWireWord(options.localPrograms),
    heldPipes: options.heldPipes,
    sshVariables: options.sshVariables,
    stderr: options.stderr,
    timeoutMs: readTimeout('timeout', options.timeout),
    killAfterMs: options.forceKillAfterDelay,
    lifetime: options.lifetime,
    ...askToKeep(options),
    encoding: {
      output: options.encoding ?? 'host',
      input: options.inputEncoding ?? options.encoding ?? 'host',
      inputErrors: options.encodingErrors,
    },
  };
  return openInSession(request, options.session);
}

/** What has to know the run again: a job, or a terminal that is taken up. */
function askToKeep({ id, lasting }: RunOptions): JsonObject {
  if (lasting !== undefined) return { lasting: { output: lasting.output } };
  return id === undefined ? {} : { record: true };
}

/** The run of a session has no life of its own. */
function openInSession(request: JsonObject, session: SessionOptions | undefined): JsonObject {
  if (session === undefined) return request;
  const { lifetime: _lifetime, record: _record, ...run } = request;
  const { name, open = 'join', mode, id, historyLines, record } = session;
  const recorded = record && { file: record.file ?? null, input: record.input };
  return { service: 'session', name, open, mode, session: id, historyLines, run, record: recorded };
}

function makeStdio({ stdio = [] }: RunOptions): JsonObject | undefined {
  const told = [...stdio.entries()].flatMap(([number, kind]): [string, 'null' | 'stream'][] => {
    if (number === 0 || kind === undefined) return [];
    if (number <= 2) return kind === 'ignore' ? [[String(number), 'null']] : [];
    return kind === 'pipe' ? [[String(number), 'stream']] : [];
  });
  return told.length === 0 ? undefined : Object.fromEntries(told);
}

/** The command of a request; docs/protocol.md, 6. */
export function makeCommand(file: Word, args: readonly Word[], { shell, subsystem }: RunOptions): JsonObject {
  if (subsystem) return { subsystem: describeWord(file) };
  if (shell === 'login') return { shell };
  return shell ? { line: toWireWord(file) } : { argv: [file, ...args].map(toWireWord) };
}

/**
 * @param handleFailure called when `input` breaks off, which the command must not take for its end
 * @returns the stream for the user to write to, if that was asked for
 */
function feedInput(
  into: Writable,
  { input, stdin }: RunOptions,
  handleFailure: (error: Error) => void,
): Writable | null {
  if (input === undefined) return stdin === 'pipe' ? into : null;
  if (typeof input === 'string' || input instanceof Uint8Array) into.end(input);
  else {
    finished(input, { writable: false }, (error) => {
      if (error) handleFailure(error);
    });
    input.pipe(into);
  }
  return null;
}

/** A daemon that knows no bytes in requests refuses them by their shape alone. @param what goes as bytes, if anything does */
async function blameOldDaemon<Result extends RunResult<string | Uint8Array>>(
  result: Result,
  what: string | null,
  link: Link,
): Promise<Result> {
  if (what === null || result.code !== 'REQUEST_WRONG_SHAPE') return result;
  const peer = await link.peer;
  if (peer === null || peer.features.includes(BYTES)) return result;
  const { code, message } = new RexaError('BYTES_UNSUPPORTED', [what, peer.agent]);
  return { ...result, code, reason: message };
}

/** A run that this end has canceled for a reason of its own says so. */
function blameCancel<Result extends RunResult<string | Uint8Array>>(
  result: Result,
  reason: string | null,
): Result {
  return reason === null || result.outcome !== 'canceled' ? result : { ...result, reason };
}

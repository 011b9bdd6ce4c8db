import { randomUUID } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import type { Greeting } from '../../framing/ready-start-greeting.ts';
import { readByteText } from '../../protocol/byte-text.ts';
import { RexaError } from '../../protocol/errors.ts';
import { MAX_TIMEOUT_MS } from '../../protocol/limits.ts';
import type { Receipts } from '../../protocol/outcome.ts';
import type { Word } from '../../protocol/word.ts';
import { type AwakeTimer, startAwakeTimer } from '../../runtime/awake-timer.ts';
import type { Address } from '../../transports/address.ts';
import { checkRunOptions } from '../check-options.ts';
import { collectOutput } from '../collect-output.ts';
import { writeCommandLine } from '../command-line.ts';
import type { OpenHost } from '../host.ts';
import type { Host } from '../host-types.ts';
import * as limits from '../limits.ts';
import { makeRun } from '../make-run.ts';
import { readOutputText } from '../output-text.ts';
import { readCall } from '../read-call.ts';
import { resolveRun } from '../resolve-run.ts';
import { type Ending, endingOfError, makeResult, UNSEEN } from '../run-result.ts';
import type { RemoteRun, RunOptions, RunResult } from '../run-types.ts';
import { hostServices } from '../services.ts';
import { openReadyStart, type ReadyStartSession } from './session.ts';

/** An address of this wire. */
export type ReadyAddress = Extract<Address, { kind: 'ready' }>;

/** What an address of this wire says about the peer, beside where it is. */
interface ReadyClientOptions {
  readonly maxCommandBytes: number;
  readonly greeting: Greeting;
}

/** Errors that come before the command was sent: nothing of it was run. */
const UNSENT: ReadonlySet<string> = new Set([
  'USAGE',
  'READY_BUSY',
  'READY_COMMAND_REFUSED',
  'READY_COMMAND_TOO_LONG',
  'TERMINAL_UNAVAILABLE',
]);
const UNREACHED: ReadonlySet<string> = new Set([
  'CLOSED',
  'CONNECT_FAILED',
  'CONNECT_TIMEOUT',
  'READY_UNASKED',
  'READY_GREETING',
]);

/**
 * A Ready/Start peer as a host: shell lines alone, one at a time, whose whole reply is stdout. What the wire can't say is
 * not made up: a whole reply is `exited` with no exit code, and a run that is left early is `lost`.
 * @throws RexaError ADDRESS_INVALID, READY_NOT_LOOPBACK, CONNECT_FAILED, CONNECT_TIMEOUT
 */
export async function openReadyHost(
  text: string,
  address: ReadyAddress,
  timeoutMs: number,
): Promise<OpenHost> {
  const session = await openReadySession(text, address, timeoutMs);
  const peer = { agent: 'a Ready/Start peer', protocol: 0, encoding: 'utf8', features: [], hostKeys: [] };
  const refuse = (): never => {
    throw new RexaError('READY_COMMAND_REFUSED', ['the peer runs command lines only']);
  };
  const noServices = {
    address: text,
    get link() {
      return refuse();
    },
    get forwarded() {
      return refuse();
    },
  };
  return {
    ...hostServices(noServices),
    address: text,
    peer,
    greeted: () => Promise.resolve(peer),
    run: ((...words: Parameters<typeof readCall>) => {
      const { file, args, options } = readCall(...words);
      return startLine(session, text, file, args, options);
    }) as Host['run'],
    get $() {
      return refuseExeca();
    },
    get execa() {
      return refuseExeca();
    },
    get execaNode() {
      return refuseExeca();
    },
    // It would listen here before it looks for a link
    forward: async () => refuse(),
    ping: () => Promise.reject(new RexaError('ADDRESS_UNSUPPORTED', [text, 'this wire has no ping'])),
    // There is no connection between two requests
    ref: () => undefined,
    unref: () => undefined,
    close: () => session.close(),
    [Symbol.asyncDispose]: () => session.close(),
  };
}

/**
 * Connects to a Ready/Start peer as its address says.
 * @throws RexaError ADDRESS_INVALID, READY_NOT_LOOPBACK, CONNECT_FAILED, CONNECT_TIMEOUT
 */
export function openReadySession(
  text: string,
  address: ReadyAddress,
  timeoutMs: number,
): Promise<ReadyStartSession> {
  const options = readOptions(text, address);
  return openReadyStart({
    host: address.host,
    port: address.port,
    connectTimeoutMs: timeoutMs,
    limits: {
      maxCommandBytes: options.maxCommandBytes,
      maxReplyBytes: limits.READY_ANNOUNCED_BYTES,
      maxGreetingBytes: limits.READY_GREETING_BYTES,
      stallMs: limits.READY_STALL_MS,
    },
    greeting: options.greeting,
  });
}

/** @throws RexaError READY_COMMAND_REFUSED */
function refuseExeca(): never {
  throw new RexaError('READY_COMMAND_REFUSED', ['it takes shell lines alone; use host.run with shell: true']);
}

const NO_JOBS = 'it has no jobs: a command ends with its client';

/** What became of a command that ended with an error of this wire. */
export function outcomeOfReadyError({ code }: RexaError): 'not-started' | 'unreachable' | 'lost' {
  if (UNSENT.has(code)) return 'not-started';
  return UNREACHED.has(code) ? 'unreachable' : 'lost';
}

/** @throws RexaError ADDRESS_INVALID */
function readOptions(text: string, address: ReadyAddress): ReadyClientOptions {
  const {
    'max-command': maxCommand = String(limits.READY_COMMAND_BYTES),
    banner,
    ...others
  } = Object.fromEntries<string | undefined>(address.options);
  const wrong = Object.keys(others)[0];
  if (wrong !== undefined)
    throw new RexaError('ADDRESS_INVALID', [
      text,
      `there is no option ${wrong} for a client; there are max-command and banner`,
    ]);
  const maxCommandBytes = Number(maxCommand);
  if (!Number.isSafeInteger(maxCommandBytes) || maxCommandBytes <= 0)
    throw new RexaError('ADDRESS_INVALID', [text, 'max-command is a number of bytes']);
  const greeting: Greeting =
    banner === undefined ? { kind: 'any' } : { kind: 'exact', bytes: new TextEncoder().encode(banner) };
  return { maxCommandBytes, greeting };
}

function startLine(
  session: ReadyStartSession,
  address: string,
  file: Word,
  args: readonly Word[],
  options: RunOptions,
): RemoteRun<string | Uint8Array> {
  const id = options.id ?? randomUUID();
  // As on the other wire: a stream that nobody listens to takes nobody down.
  const stdout = new PassThrough().on('error', () => {});
  const left = new AbortController();
  const leave = (error: RexaError) => left.abort(error);
  const cancel = (): void =>
    leave(new RexaError('CANCELED', [' here, and the connection dropped: this wire cannot say more']));
  options.cancelSignal?.addEventListener('abort', cancel, { once: true });
  if (options.cancelSignal?.aborted) cancel();
  const timer = armTimeout(address, options, leave);

  const promise = followLine(session, {
    id,
    address,
    file,
    args,
    options,
    stdout,
    signal: left.signal,
  }).finally(() => {
    timer?.stop();
    options.cancelSignal?.removeEventListener('abort', cancel);
  });
  return makeRun(promise, {
    id,
    pid: Promise.resolve(null),
    job: Promise.resolve(null),
    stdin: options.stdin === 'pipe' ? new PassThrough().resume() : null,
    stdout,
    stderr: Readable.from([]),
    stdio: [null, stdout, null],
    exited: Promise.resolve(null),
    kill: cancel,
    resize: () => undefined,
    onInputRefused: () => undefined,
    onDraining: () => undefined,
    cancel,
    hangUp: cancel,
    abandon: () => leave(new RexaError('ABANDONED')),
  });
}

/** A timeout that is none is refused with the run. */
function armTimeout(
  address: string,
  { timeout }: RunOptions,
  leave: (error: RexaError) => void,
): AwakeTimer | undefined {
  if (timeout === undefined || !(timeout > 0 && timeout <= MAX_TIMEOUT_MS)) return undefined;
  const why = `no whole reply within ${timeout} ms, so it was dropped`;
  return startAwakeTimer(() => leave(new RexaError('LINK_LOST', [address, why])), timeout);
}

interface LineRun {
  readonly id: string;
  readonly address: string;
  readonly file: Word;
  readonly args: readonly Word[];
  readonly options: RunOptions;
  readonly stdout: PassThrough;
  readonly signal: AbortSignal;
}

async function followLine(session: ReadyStartSession, run: LineRun): Promise<RunResult<string | Uint8Array>> {
  const { id, address, options, stdout } = run;
  const startedMs = performance.now();
  const keeps = options.buffer !== false;
  const kept = keeps ? collectOutput(stdout, options.maxBuffer ?? limits.MAX_KEPT_OUTPUT_BYTES) : null;
  const ending = await receiveReply(session, run, startedMs);
  const binary = options.encoding === 'binary';
  const result = makeResult({
    id,
    address,
    options,
    ending,
    stdout: readOutputText(await kept, binary),
    stderr: readOutputText(null, binary),
    seen: { ...UNSEEN, durationMs: performance.now() - startedMs, hostEncoding: 'utf8' },
  });
  // A whole reply is all the success that this wire knows.
  return result.outcome === 'exited'
    ? result
    : resolveRun(result, options, () => ({
        command: writeCommandLine(address, run.file, run.args, options),
      }));
}

async function receiveReply(session: ReadyStartSession, run: LineRun, startedMs: number): Promise<Ending> {
  let isSent = false;
  const handleSending = (): void => {
    isSent = true;
  };
  try {
    checkRunOptions(run.options);
    const line = readLine(run);
    run.signal.throwIfAborted();
    const { body } = await session.run(line, { signal: run.signal, handleSending });
    let bytes = 0;
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      if (!run.stdout.write(chunk)) await untilDrained(run);
    }
    return toldReply(bytes, performance.now() - startedMs);
  } catch (cause) {
    const error =
      cause instanceof RexaError
        ? cause
        : new RexaError('LINK_LOST', [run.address, String(cause)], { cause });
    return endingOfFailure(error, isSent);
  } finally {
    run.stdout.end();
  }
}

/** Resolves when more may be written, or when nobody reads it, or wants it, any more. */
function untilDrained({ stdout, signal }: LineRun): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const tell = (): void => resolve();
  if (stdout.destroyed || signal.aborted) return Promise.resolve();
  stdout.once('drain', tell).once('close', tell);
  signal.addEventListener('abort', tell);
  return promise.finally(() => {
    stdout.off('drain', tell).off('close', tell);
    signal.removeEventListener('abort', tell);
  });
}

/** Once a byte of the command may have left, nobody but the peer can say that it did not run. */
function endingOfFailure(error: RexaError, isSent: boolean): Ending {
  const outcome = outcomeOfReadyError(error);
  if (isSent) return endingOfError(outcome === 'unreachable' ? 'lost' : outcome, error);
  if (error.code === 'CANCELED') return endingOfError('canceled', new RexaError('CANCELED'));
  return endingOfError(outcome === 'lost' ? 'not-started' : outcome, error);
}

/** @throws RexaError READY_COMMAND_REFUSED for what this wire has no words for */
function readLine({ file, args, options }: LineRun): string {
  const refuse = (what: string): never => {
    throw new RexaError('READY_COMMAND_REFUSED', [what]);
  };
  if (options.terminal !== undefined) throw new RexaError('TERMINAL_UNAVAILABLE', ['ready:// has none']);
  if (options.shell !== true || args.length > 0) refuse('it takes shell lines alone; use -c LINE');
  if (options.cwd !== undefined) refuse('it cannot say a working directory; put cd into the line');
  if (Object.keys(options.env ?? {}).length > 0) refuse('it cannot say an environment; put it into the line');
  if (options.input !== undefined) refuse('it has no stdin');
  if (![undefined, false].includes(options.forwardAgent as undefined | false))
    refuse('it forwards no ssh-agent');
  if (options.stdio?.some((kind, number) => number > 0 && kind !== undefined) === true)
    refuse('its one stream is stdout');
  if (![undefined, 'with-client'].includes(options.lifetime as string | undefined)) refuse(NO_JOBS);
  if (!['host', 'utf8', 'utf-8', 'binary', undefined].includes(options.encoding)) {
    refuse(
      'its replies are UTF-8; the encoding of its commands is set at the daemon, as ready://HOST:PORT?encoding=NAME',
    );
  }
  // A half of a surrogate pair is refused where the line is sent, as bytes that are no UTF-8 are
  return typeof file === 'string' ? file : readByteText(file);
}

function toldReply(bytes: number, durationMs: number): Ending {
  const receipt = { name: 'utf8', source: 'host', replaced: 0 } as const;
  const encoding: Receipts = { stdin: receipt, stdout: receipt, stderr: receipt };
  const none = { exitCode: null, signal: null, code: null, reason: null, survivors: [], pipeHeldBy: [] };
  const complete = true;
  const outcome = {
    ...none,
    complete,
    name: 'exited' as const,
    encoding,
    bytes: { stdin: 0, stdout: bytes, stderr: 0 },
  };
  return {
    kind: 'told',
    outcome: { ...outcome, durationMs: Math.round(durationMs * 1000) / 1000 },
    repeated: false,
  };
}

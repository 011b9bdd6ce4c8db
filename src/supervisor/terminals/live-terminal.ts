import { PassThrough, Writable } from 'node:stream';
import { conductRun, type RunPeer } from '../../process/conduct/conduct-run.ts';
import type { Runner } from '../../process/runner/runner.ts';
import type { JsonObject } from '../../protocol/control.ts';
import { RexaError } from '../../protocol/errors.ts';
import type { JobOutcome } from '../../protocol/job.ts';
import { RESUME_FOR_TERMINALS_MS } from '../../protocol/limits.ts';
import { createAsyncQueue } from '../../runtime/async-queue.ts';
import { type AwakeTimer, startAwakeTimer } from '../../runtime/awake-timer.ts';
import type { CallChannel } from '../../services/call.ts';
import { readLeaving } from '../../services/jobs/supervisor-messages.ts';
import {
  describeRefused,
  type RunCommandMessage,
  readRunCommandMessage,
} from '../../services/run/messages.ts';
import type { OpenTerminalRequest } from '../../services/terminals/messages.ts';
import { NO_FILTERS } from '../jobs/no-filters.ts';
import { readStart } from '../jobs/read-start.ts';
import { TERMINAL_INPUT_TELL_BYTES } from '../limits.ts';
import { createKeptOutput } from './kept-output.ts';

/**
 * A program on a terminal that outlives its daemon, and ends with its client.
 *
 * | state     | on                                             | next      |
 * |-----------|------------------------------------------------|-----------|
 * | attached  | the channel ends, its client is not gone        | alone     |
 * | alone     | a client takes it up                           | attached  |
 * | both      | its client is gone, or was not there long enough | hanging up |
 * | any       | the program has ended                          | ended     |
 * | ended     | a client takes it up: it gets the rest          | ended     |
 */
export interface LiveTerminal {
  /**
   * Joins a client; the one before is left.
   * @param output bytes of output that it has had
   * @throws RexaError TERMINAL_LOST
   */
  join(channel: CallChannel, request: Pick<OpenTerminalRequest, 'size' | 'output'>): void;
  /** Hangs up. @param why goes on after "the command was canceled" */
  end(why: string): void;
  readonly ended: Promise<JobOutcome>;
}

type Start = NonNullable<OpenTerminalRequest['start']>;

/** Starts a program on a terminal. @throws RexaError as the runner: then nothing was run */
export async function startTerminal(
  { id, size }: Pick<OpenTerminalRequest, 'id' | 'size'>,
  start: Start,
  runner: Runner,
): Promise<LiveTerminal> {
  const requestedMs = performance.now();
  const { columns, rows, widthPixels = 0, heightPixels = 0 } = size;
  const { timeoutMs, killAfterMs, heldPipes, modes } = start;
  const running = await runner.start({
    ...readStart(start, start.mark),
    terminal: { columns, rows, widthPixels, heightPixels, isUtf8: true, ...(modes && { modes }) },
  });
  const messages = createAsyncQueue<RunCommandMessage>();
  const output = createKeptOutput();
  const keys = new PassThrough();
  const gone = Promise.withResolvers<void>();
  const canceled = Promise.withResolvers<string>();
  const ended = Promise.withResolvers<JobOutcome>();
  let client: CallChannel | null = null;
  let outcome: JobOutcome | null = null;
  let taken = 0;
  let told = 0;
  let patience: AwakeTimer | null = null;

  const tell = (message: JsonObject): void => client?.send(message);

  function takeKeys(channel: CallChannel): void {
    const input = channel.input(0);
    input.on('error', () => undefined);
    input.on('data', (typed: Uint8Array) => {
      if (channel !== client) return;
      taken += typed.length;
      if (!keys.write(typed)) {
        input.pause();
        keys.once('drain', () => input.resume());
      }
      if (taken - told < TERMINAL_INPUT_TELL_BYTES) return;
      told = taken;
      tell({ type: 'consumed', input: taken });
    });
    input.once('end', () => {
      if (channel === client) keys.end();
    });
  }

  async function followMessages(channel: CallChannel): Promise<void> {
    for (let next = await channel.nextMessage(); next !== null; next = await channel.nextMessage()) {
      if (channel !== client) return;
      try {
        const message = readRunCommandMessage(next);
        if (message.type === 'consumed') output.release(message.output);
        else messages.push(message);
      } catch {
        messages.push({ type: 'cancel' });
      }
    }
  }

  function leave(channel: CallChannel, isGone: boolean): void {
    if (channel !== client) return;
    client = null;
    output.leave();
    if (outcome !== null) return;
    if (isGone) gone.resolve();
    else patience = startAwakeTimer(gone.resolve, RESUME_FOR_TERMINALS_MS);
  }

  /** Behind the output that waits for it. */
  function closeClient(): void {
    if (client === null || outcome === null) return;
    client.output(0).end();
    client.close({ outcome });
    client = null;
  }

  function join(channel: CallChannel, asked: Pick<OpenTerminalRequest, 'size' | 'output'>): void {
    const stream = channel.output(0);
    stream.on('error', () => undefined);
    if (!output.join(stream, asked.output)) throw new RexaError('TERMINAL_LOST', [id]);
    patience?.stop();
    const { code, message } = new RexaError('TERMINAL_TAKEN', [id]);
    client?.abort({ error: { code, message } });
    client = channel;
    told = taken;
    tell({ type: 'lasting', input: taken });
    if (outcome !== null) return closeClient();
    tell({ type: 'started', pid: running.pid });
    messages.push({ type: 'resize', ...withoutUndefined(asked.size) });
    takeKeys(channel);
    void followMessages(channel);
    void channel.ended.then((end) => leave(channel, end.kind === 'closed' && readLeaving(end.last).gone));
  }

  const peer: RunPeer = {
    stdin: () => keys,
    stdout: output.stream,
    // All that the program writes is the terminal's
    stderr: new Writable({ write: (_chunk, _encoding, done) => done() }),
    reportStarted: () => undefined,
    reportRefused: (error) => tell(describeRefused(error)),
    reportHeld: (pids) => tell({ type: 'held', pids: [...pids] }),
    ...(start.reportExit ? { reportExited: (ending) => tell({ type: 'exited', ...ending }) } : {}),
    nextMessage: () => messages.next(),
    gone: gone.promise,
  };

  async function conduct(): Promise<void> {
    const { encoding: _, ...last } = await conductRun(
      {
        request: { timeoutMs, killAfterMs, heldPipes },
        requestedMs,
        prepared: NO_FILTERS,
        running,
        canceled: canceled.promise,
        keepHeld: (pipe) => pipe.destroy(),
        handleEnded: () => undefined,
      },
      peer,
    );
    patience?.stop();
    messages.end();
    outcome = last;
    closeClient();
    ended.resolve(last);
  }

  void conduct();
  return { join, end: canceled.resolve, ended: ended.promise };
}

function withoutUndefined({ columns, rows, widthPixels, heightPixels }: OpenTerminalRequest['size']) {
  return {
    columns,
    rows,
    ...(widthPixels === undefined ? {} : { widthPixels }),
    ...(heightPixels === undefined ? {} : { heightPixels }),
  };
}

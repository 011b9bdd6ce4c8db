import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import type { RunPeer } from '../../process/conduct/conduct-run.ts';
import type { RunRequest } from '../../services/run/messages.ts';
import type { RunService } from '../../services/run/server.ts';
import type { RunCommand } from './collect-reply.ts';

/** How the lines of one listener are run. */
export interface LineOptions {
  /** Of what the commands write, and of their command line. */
  readonly encoding: string;
  /** Whether stderr is part of the reply; otherwise it is dropped, as such peers expect. */
  readonly mergeStderr: boolean;
}

/** Runs the command lines of Ready/Start peers as shell lines of the service `run`. */
export function createLineRunner(runs: RunService, options: LineOptions): RunCommand {
  return async function* runLine(line, signal) {
    const stdout = new PassThrough();
    const stderr = options.mergeStderr ? intoReply(stdout) : dropAll();
    const left = Promise.withResolvers<void>();
    const peer: RunPeer = {
      stdin: () => new PassThrough().end(),
      stdout: options.mergeStderr ? intoReply(stdout) : stdout,
      stderr,
      reportStarted() {},
      reportRefused() {},
      reportHeld() {},
      nextMessage: () => Promise.resolve(null),
      gone: Promise.race([left.promise, aborted(signal)]),
    };
    const outcome = runs.run(makeRequest(line, options.encoding), peer, {
      uid: process.getuid?.() ?? null,
      pid: null,
      login: null,
    });
    // A run that never started has no streams to end: its error ends the reply.
    outcome.then(
      () => stdout.end(),
      (error: Error) => stdout.destroy(error),
    );
    try {
      yield* stdout as AsyncIterable<Uint8Array>;
      await outcome;
    } finally {
      left.resolve();
      await outcome.catch(() => undefined);
    }
  };
}

function makeRequest(line: string, encoding: string): RunRequest {
  const request = { service: 'run', id: randomUUID(), command: { line }, env: {}, stdin: 'none' } as const;
  return { ...request, encoding: { output: encoding, input: encoding } };
}

/** One of two streams that share a reply: its end is not the reply's. */
function intoReply(reply: PassThrough): Writable {
  let waiting: (() => void) | null = null;
  function goOn(): void {
    const done = waiting;
    waiting = null;
    done?.();
  }
  reply.on('drain', goOn).on('close', goOn);
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (reply.destroyed || reply.write(chunk)) done();
      else waiting = done;
    },
  });
}

function dropAll(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

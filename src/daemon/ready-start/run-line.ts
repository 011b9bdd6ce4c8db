import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import { peerPrincipal } from '../../auth/principal.ts';
import type { JsonObject } from '../../protocol/control.ts';
import { toRexaError } from '../../protocol/to-rexa-error.ts';
import type { CallChannel } from '../../services/call.ts';
import { accountName } from '../../services/run/environment.ts';
import type { Daemon } from '../daemon.ts';
import type { RunCommand } from './collect-reply.ts';

/** How the lines of one listener are run. */
export interface LineOptions {
  /** Of what the commands write, and of their command line. */
  readonly encoding: string;
  /** Whether stderr is part of the reply; otherwise it is dropped, as such peers expect. */
  readonly mergeStderr: boolean;
}

/** Runs the command lines of Ready/Start peers as shell lines of the service `run`. */
export function createLineRunner(daemon: Pick<Daemon, 'serveCall'>, options: LineOptions): RunCommand {
  return async function* runLine(line, signal) {
    const reply = new PassThrough();
    const left = Promise.withResolvers<void>();
    const channel = makeChannel(line, options, reply, Promise.race([left.promise, aborted(signal)]));
    const principal = peerPrincipal({ uid: process.getuid?.() ?? null, pid: null }, accountName());
    const served = daemon.serveCall({ channel, principal });
    try {
      yield* reply as AsyncIterable<Uint8Array>;
    } finally {
      left.resolve();
      await served;
    }
  };
}

/** A line as a call: its reply is the output, and an error its end. The peer has no more to say, and cannot ask again. */
function makeChannel(
  line: string,
  { encoding, mergeStderr }: LineOptions,
  reply: PassThrough,
  gone: Promise<unknown>,
): CallChannel {
  const outputs = [intoReply(reply), mergeStderr ? intoReply(reply) : dropAll()];
  const end = (last: JsonObject): void => {
    const { error } = last as { readonly error?: Parameters<typeof toRexaError>[0] };
    // A run that never started has no streams to end: its error ends the reply
    if (error === undefined) reply.end();
    else reply.destroy(toRexaError(error));
  };
  return {
    request: makeRequest(line, encoding),
    releaseRequest() {},
    input: () => new PassThrough().end(),
    output: (number) => outputs[number] ?? dropAll(),
    limitBuffers() {},
    send() {},
    nextMessage: () => Promise.resolve(null),
    close: end,
    abort: end,
    ended: gone.then(() => ({ kind: 'closed', last: {} })),
    isOnce: true,
  };
}

function makeRequest(line: string, encoding: string): JsonObject {
  const request = { service: 'run', id: randomUUID(), command: { line }, env: {}, stdin: 'none' } as const;
  return { ...request, encoding: { output: encoding, input: encoding } };
}

/** One stream of a reply: its end is not the reply's, since a command may close its output and run on. */
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

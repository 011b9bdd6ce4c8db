import {
  openReadySession,
  outcomeOfReadyError,
  type ReadyAddress,
} from '../../../client/ready-start/host.ts';
import type { ReadyStartSession } from '../../../client/ready-start/session.ts';
import type { ConnectOptions } from '../../../client/run-types.ts';
import { RexaError } from '../../../protocol/errors.ts';
import { DEFAULT_CONNECT_TIMEOUT_MS } from '../../../protocol/limits.ts';
import { exitStatusOf } from '../../exit-status.ts';
import type { Backend, LineEnd, LineOutput, Place } from '../backend.ts';

/**
 * Lines for a Ready/Start peer: one command each, whose whole reply has a known size. Nothing is said of folders, of
 * exit statuses, and of what stays from line to line: this wire has no words for them.
 */
export function createReadyBackend(text: string, address: ReadyAddress, connect: ConnectOptions): Backend {
  const place: Place = { host: `${address.host}:${address.port}`, folder: null, home: null, isRoot: false };
  let session: ReadyStartSession | null = null;
  let isGreetingTold = false;
  let lastStatus = 0;

  async function open(): Promise<ReadyStartSession> {
    connect.log?.(`connecting to ${text}`);
    session ??= await openReadySession(text, address, connect.timeout ?? DEFAULT_CONNECT_TIMEOUT_MS);
    return session;
  }

  async function runLine(command: string, output: LineOutput, signal: AbortSignal): Promise<LineEnd> {
    // A word of the wire itself, which no command can be
    if (command.trim() === 'exit') return { ...makeEnd(null, lastStatus, []), kind: 'leave' };
    try {
      const opened = await open();
      const reply = await opened.run(command, { signal });
      output.announce(reply.sizeBytes);
      for await (const chunk of reply.body as AsyncIterable<Uint8Array>) await output.write('stdout', chunk);
      return makeEnd(null, 0, describeGreeting(opened));
    } catch (cause) {
      const error =
        cause instanceof RexaError ? cause : new RexaError('LINK_LOST', [text, String(cause)], { cause });
      return endOfError(error);
    }
  }

  function endOfError(error: RexaError): LineEnd {
    const outcome = outcomeOfReadyError(error);
    const status = exitStatusOf({ outcome, exitCode: null, signal: null, code: error.code }, null);
    const doubt = outcome === 'lost' ? '; the command may or may not have run' : '';
    return makeEnd(outcome === 'not-started' ? 'not started' : outcome, status, [`${error.message}${doubt}`]);
  }

  function makeEnd(label: string | null, exitStatus: number, notes: readonly string[]): LineEnd {
    lastStatus = exitStatus;
    return { kind: 'ended', isEarly: false, label, exitStatus, notes, typedAhead: '', jobs: [], place };
  }

  function describeGreeting({ greeting }: ReadyStartSession): readonly string[] {
    if (isGreetingTold || greeting.trim() === '') return [];
    isGreetingTold = true;
    return [`greeting of the peer: ${greeting.trim()}`];
  }

  return {
    takesInput: false,
    takesBlocks: false,
    exitLine: null,
    async open() {
      await open();
      return { sentences: ['each line is a separate command; Ctrl-D exits'], place };
    },
    submit(line, output) {
      const left = new AbortController();
      const drop = (): void =>
        left.abort(
          new RexaError('CANCELED', [' here and the connection closed, since this protocol has no cancel']),
        );
      return {
        ended: runLine(line.text, output, left.signal),
        over: Promise.resolve({ notes: [] }),
        write() {},
        endInput() {},
        signal: drop,
        cancel: drop,
        abandon: drop,
      };
    },
    complete: () => Promise.resolve(null),
    loss: () => Promise.resolve(null),
    async close() {
      await session?.close();
      return [];
    },
  };
}

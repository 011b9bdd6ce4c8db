import type { Duplex, Readable, Writable } from 'node:stream';
import { HELD_PIPE_LOOK_MS, HELD_PIPE_QUIET_LOOKS } from '../../protocol/limits.ts';
import { within } from '../../runtime/in-time.ts';

/** Where the bytes of a descriptor above 2 go to and come from. */
export interface DescriptorPeer {
  readonly input: Readable;
  readonly output: Writable;
}

/** A descriptor above 2 on its way to the client and back. Its bytes are not transcoded. */
export interface DescriptorPump {
  /** Nobody reads any more. */
  close(): void;
  /**
   * Resolves when all that the command has written is with the client: at its end, or where a process that was left behind
   * still holds it, when it was quiet for as long as that of stdout has to be.
   */
  settle(): Promise<void>;
}

/**
 * Copies both ways with backpressure and half-close: a command that writes no more may still read, until it exits.
 * @param socket allows half-open connections
 */
export function pumpDescriptor(socket: Duplex, { input, output }: DescriptorPeer): DescriptorPump {
  const { promise: written, resolve: endWritten } = Promise.withResolvers<void>();
  const { promise: closed, resolve: close } = Promise.withResolvers<void>();
  let hasMoved = false;
  socket.on('data', () => {
    hasMoved = true;
  });
  socket.on('error', () => undefined);
  socket.once('close', () => {
    output.end();
    input.resume();
    endWritten();
    close();
  });
  socket.once('end', endWritten);
  socket.pipe(output);
  input.pipe(socket);

  async function settle(): Promise<void> {
    for (let quiet = 0; quiet < HELD_PIPE_QUIET_LOOKS; quiet++) {
      hasMoved = false;
      if ((await within(written, HELD_PIPE_LOOK_MS, 'look')) !== 'look') break;
      // Waiting for its reader says nothing of the descriptor
      if (hasMoved || socket.isPaused()) quiet = -1;
    }
    socket.destroy();
    await closed;
  }

  return { close: () => void socket.destroy(), settle };
}

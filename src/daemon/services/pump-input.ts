import type { Readable, Writable } from 'node:stream';

/** The client's stdin on its way into a command. */
export interface InputPump {
  /** Bytes that the command's pipe took. */
  readonly bytes: number;
  /** Takes nothing more from the client. */
  stop(): void;
}

/**
 * Copies a channel's stream into a command's stdin, with backpressure and half-close. A command that closes its stdin
 * does not end its run: what still comes is thrown away, as into `cmd | head`'s pipe.
 */
export function pumpInput(from: Readable, into: Writable): InputPump {
  let bytes = 0;
  let state: 'flowing' | 'refused' | 'stopped' = 'flowing';

  from.on('data', (chunk: Buffer) => {
    if (state !== 'flowing') return;
    const hasRoom = into.write(chunk, (error) => {
      if (!error) bytes += chunk.length;
    });
    if (!hasRoom) from.pause();
  });
  from.on('end', () => into.end());
  // The client is gone in the middle of its stdin: the command must not take that for the end of the data,
  // its tree is ended instead; the pipe stays open until then.
  from.on('error', () => {});
  into.on('drain', () => from.resume());
  into.on('error', () => {
    state = 'refused';
    from.resume();
  });

  return {
    get bytes() {
      return bytes;
    },
    stop() {
      state = 'stopped';
      into.destroy();
      from.resume();
    },
  };
}

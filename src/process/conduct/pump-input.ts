import type { Readable, Writable } from 'node:stream';
import type { RexaError } from '../../protocol/errors.ts';
import type { EncodedInput, InputFilter } from './filters.ts';

/** The client's stdin on its way into a command. */
export interface InputPump {
  /** Bytes that the command's pipe took, after transcoding. */
  readonly bytes: number;
  /** Takes nothing more from the client. */
  stop(): void;
}

/**
 * Copies a channel's stream through an encoder into a command's stdin, with backpressure and half-close. A command that
 * closes its stdin does not end its run: what still comes is thrown away, as into `cmd | head`'s pipe.
 * @param handleRefused called when some of it can't be written in the command's encoding; `stop`: nothing more is, and the
 * command's stdin stays open, which must not take what it has read for all there is
 */
export function pumpInput(
  from: Readable,
  into: Writable,
  encoder: InputFilter,
  handleRefused: (error: RexaError) => 'go-on' | 'stop',
): InputPump {
  let bytes = 0;
  let state: 'flowing' | 'refused' | 'stopped' = 'flowing';

  function send({ bytes: encoded, refused }: EncodedInput): void {
    if (refused !== null && handleRefused(refused) === 'stop') state = 'stopped';
    if (encoded.length === 0) return;
    const hasRoom = into.write(encoded, (error) => {
      if (!error) bytes += encoded.length;
    });
    if (!hasRoom) from.pause();
  }

  from.on('data', (chunk: Buffer) => {
    if (state === 'flowing') send(encoder.write(chunk));
  });
  from.on('end', () => {
    if (state === 'flowing') send(encoder.end());
    if (state !== 'stopped') into.end();
  });
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

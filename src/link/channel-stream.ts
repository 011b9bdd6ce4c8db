import { Duplex } from 'node:stream';
import type { ChannelId, StreamNumber } from '../framing/frame.ts';
import { createByteQueue } from '../protocol/byte-queue.ts';
import { RexaError } from '../protocol/errors.ts';
import type { Mux } from '../protocol/mux.ts';

/** What a stream buffers for its reader beyond the chunk that is being read. */
const READ_AHEAD_BYTES = 64 * 1024;

/** What a stream needs of its link. */
export interface StreamPort {
  readonly mux: Mux;
  readonly channel: ChannelId;
  /** Something may be there to send. */
  schedulePump(): void;
  now(): number;
}

/**
 * One stream of a channel as a Node Duplex: what is written goes to the peer's stream of the same number, what is read
 * came from it. A write completes when the queue in front of the credit has room: its bytes may still be in memory, so
 * nobody writes to them again. Credit is granted as bytes leave for the reader, or when they are thrown away because
 * the stream was destroyed. `end()` is a half-close; the other direction goes on.
 */
export class ChannelStream extends Duplex {
  readonly #port: StreamPort;
  readonly #stream: StreamNumber;
  readonly #arrived = createByteQueue();
  #granted: boolean;
  #reading = false;
  #inbound: 'open' | 'ending' | 'ended' = 'open';
  /** `flushing`: the queue takes everything, the channel's last word comes behind it. */
  #outbound: 'open' | 'flushing' | 'dead' = 'open';
  #waitingWrite: ((error?: Error | null) => void) | null = null;

  /**
   * @param granted whether first credit has gone out with the open frame; if not, the first read grants it
   * @param bufferBytes what waits in it, in each direction
   */
  constructor(port: StreamPort, stream: StreamNumber, granted: boolean, bufferBytes = READ_AHEAD_BYTES) {
    super({
      allowHalfOpen: true,
      readableHighWaterMark: bufferBytes,
      writableHighWaterMark: bufferBytes,
      emitClose: true,
    });
    this.#port = port;
    this.#stream = stream;
    this.#granted = granted;
    // A stream that nobody listens to must not take the process down when its link is lost.
    this.on('error', () => {});
  }

  override _read(): void {
    this.#reading = true;
    if (!this.#granted) {
      this.#granted = true;
      this.#port.mux.receive(this.#port.channel, this.#stream, this.#port.now());
      this.#port.schedulePump();
    }
    this.#deliver();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#outbound === 'dead') return done();
    const hasRoom = this.#port.mux.write(this.#port.channel, this.#stream, chunk);
    this.#port.schedulePump();
    if (hasRoom || this.#outbound === 'flushing') done();
    else this.#waitingWrite = done;
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.#outbound === 'open') this.#end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#outbound = 'dead';
    const unread = this.#arrived.length;
    this.#arrived.clear();
    this.#consume(unread);
    done(error);
  }

  /** Bytes of the peer, in order. */
  handleData(bytes: Uint8Array): void {
    if (this.destroyed) return this.#consume(bytes.length);
    this.#arrived.push(bytes);
    if (this.#reading) this.#deliver();
  }

  /** The peer's half-close. */
  handleEnd(): void {
    this.#inbound = 'ending';
    if (this.#reading) this.#deliver();
  }

  /** There is room again in front of the credit. */
  handleWritable(): void {
    const done = this.#waitingWrite;
    this.#waitingWrite = null;
    done?.();
  }

  /** Moves what was written, and Node still holds, into the channel's queue: its last word comes next. */
  flush(): void {
    if (this.#outbound !== 'open') return;
    this.#outbound = 'flushing';
    while (this.writableCorked > 0) this.uncork();
    this.handleWritable();
    if (this.writableEnded) this.#end();
  }

  /**
   * The channel, or its link, is over. What arrived whole can still be read; a stream that was cut off in a direction that
   * is used fails with CLOSED. Later writes vanish, as into a pipe whose reader is gone.
   */
  handleClosed(what: 'channel' | 'link'): void {
    this.#outbound = 'dead';
    this.handleWritable();
    if (this.#inbound !== 'open') this.end();
    else if (!this.#granted && this.writableFinished) this.destroy();
    else this.destroy(new RexaError('CLOSED', [what]));
  }

  #end(): void {
    this.#port.mux.end(this.#port.channel, this.#stream);
    this.#port.schedulePump();
  }

  #consume(bytes: number): void {
    if (bytes === 0) return;
    this.#port.mux.consume(this.#port.channel, this.#stream, bytes, this.#port.now());
    this.#port.schedulePump();
  }

  #deliver(): void {
    while (this.#reading) {
      const bytes = this.#arrived.take(Number.POSITIVE_INFINITY);
      if (bytes === undefined) break;
      this.#reading = this.push(bytes);
      this.#consume(bytes.length);
    }
    if (this.#inbound === 'ending' && this.#arrived.length === 0) {
      this.#inbound = 'ended';
      this.push(null);
    }
  }
}

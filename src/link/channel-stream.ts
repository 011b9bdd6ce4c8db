import { Duplex } from 'node:stream';
import type { ChannelId, StreamNumber } from '../framing/frame.ts';
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
 * came from it. A write completes when the queue in front of the credit has room; credit is granted as bytes leave
 * for the reader. `end()` is a half-close; the other direction goes on.
 */
export class ChannelStream extends Duplex {
  readonly #port: StreamPort;
  readonly #stream: StreamNumber;
  readonly #arrived: Uint8Array[] = [];
  #granted: boolean;
  #reading = false;
  #inbound: 'open' | 'ending' | 'ended' = 'open';
  #outbound: 'open' | 'dead' = 'open';
  #waitingWrite: ((error?: Error | null) => void) | null = null;

  /** @param granted whether first credit has gone out with the open frame; if not, the first read grants it */
  constructor(port: StreamPort, stream: StreamNumber, granted: boolean) {
    super({ allowHalfOpen: true, readableHighWaterMark: READ_AHEAD_BYTES, emitClose: true });
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
    if (hasRoom) done();
    else this.#waitingWrite = done;
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.#outbound === 'open') {
      this.#port.mux.end(this.#port.channel, this.#stream);
      this.#port.schedulePump();
    }
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#outbound = 'dead';
    this.#arrived.length = 0;
    done(error);
  }

  /** Bytes of the peer, in order. */
  handleData(bytes: Uint8Array): void {
    if (this.destroyed) return;
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

  /**
   * The channel is over. What arrived whole can still be read; a stream cut off before its end fails with `error`.
   * Later writes vanish, as into a pipe whose reader is gone.
   */
  handleClosed(error: Error): void {
    this.#outbound = 'dead';
    this.handleWritable();
    if (this.#inbound === 'open') this.destroy(error);
    else if (this.writable) this.end();
  }

  #deliver(): void {
    while (this.#reading) {
      const bytes = this.#arrived.shift();
      if (bytes === undefined) break;
      this.#reading = this.push(bytes);
      this.#port.mux.consume(this.#port.channel, this.#stream, bytes.length, this.#port.now());
    }
    this.#port.schedulePump();
    if (this.#inbound === 'ending' && this.#arrived.length === 0) {
      this.#inbound = 'ended';
      this.push(null);
    }
  }
}

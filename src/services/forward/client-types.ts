import type { Duplex } from 'node:stream';
import type { RexaError } from '../../protocol/errors.ts';

/**
 * A TCP port or a Unix socket. Without `host`: `localhost`. As an address to listen on, `*` is all addresses, and port 0 a
 * free port.
 */
export type ForwardPlace = { readonly host?: string; readonly port: number } | { readonly path: string };

/** One end of a forwarding: `local` is this process's machine, `remote` the host. */
export type ForwardEnd = { readonly local: ForwardPlace } | { readonly remote: ForwardPlace };

/** What is forwarded. */
export interface ForwardOptions {
  /** Where to listen. */
  readonly from: ForwardEnd;
  /**
   * Where each connection leads, at the other end; `socks`: where its client asks for, as of a SOCKS server (4, 4a, 5).
   */
  readonly to: ForwardEnd | 'socks';
  /** Decides on each place that a SOCKS client asks for. Default: every place is permitted. */
  readonly permit?: (to: Forward['address']) => boolean;
  /** Whether a Unix socket that exists at the path of a `local` listener is removed first. Default: it is an error. */
  readonly replaceSocket?: boolean;
  /** Gets the error of each connection that could not be established. */
  readonly handleError?: (error: RexaError) => void;
  /** Gets the number of open connections whenever it has changed. */
  readonly handleCount?: (count: number) => void;
}

/** A forwarding that listens. `await using` closes it. */
export interface Forward extends AsyncDisposable {
  /** Where it listens, with the port that was chosen. */
  readonly address: { readonly host: string; readonly port: number } | { readonly path: string };
  /** Connections that are open. */
  readonly connectionCount: number;
  /**
   * Resolves when it does not listen any more: with null after `close`, with the error if the daemon or the connection to it
   * ended it. Never rejects.
   */
  readonly ended: Promise<RexaError | null>;
  /** Stops listening. Open connections continue until they end, or the host is closed. */
  close(): Promise<void>;
}

/** A connection from the host. Like a socket it emits `connect`, and `error` if it fails. */
export interface HostStream extends Duplex {
  /** Without effect, for programs that expect a socket. */
  setKeepAlive(enable?: boolean, delayMs?: number): this;
  setNoDelay(enable?: boolean): this;
  setTimeout(timeoutMs: number, handle?: () => void): this;
  /** Whether it keeps this process alive, as it does at first. */
  ref(): this;
  unref(): this;
}

/** What a host has for forwarding. */
export interface ForwardHost {
  /**
   * Connects from the host to a port or a Unix socket. The stream is returned at once; what is written to it waits for the
   * connection. Usable in `createConnection` of an `http.Agent` and as `socket` of `tls.connect`.
   * Errors of the stream: FORWARD_FAILED, FORWARD_PROHIBITED, NOT_PERMITTED, QUOTA_EXHAUSTED, FORWARD_RESET, LINK_LOST
   * @throws RexaError USAGE
   */
  connect(to: ForwardPlace): HostStream;
  /**
   * Listens at one end, and connects each connection with a place at the other end. Resolves when it listens.
   * @throws RexaError USAGE, FORWARD_LISTEN_FAILED, FORWARD_PROHIBITED, NOT_PERMITTED, QUOTA_EXHAUSTED, LINK_LOST
   */
  forward(options: ForwardOptions): Promise<Forward>;
}

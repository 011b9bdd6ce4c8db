import type { Duplex } from 'node:stream';
import { causedBy } from '../protocol/caused-by.ts';
import { RexaError } from '../protocol/errors.ts';
import type { ConnectOptions } from './run-types.ts';

/** How the bytes of a connection reach a host over TLS, in place of TCP from here. */
export interface Route {
  /**
   * Opens what carries the streams, as far as that is not open. Each hop has a timeout of its own, which is not that of the
   * host behind it.
   * @throws RexaError about the hop that failed
   */
  prepare(): Promise<void>;
  /** Opens a stream to a port that nothing was written to. */
  open(place: { readonly host: string; readonly port: number }): Promise<Duplex>;
  /** Called when the host is left: releases what carries the streams. */
  close(): Promise<void>;
}

/** How a host over TLS is opened, and reached. */
export interface RoutedOptions extends ConnectOptions {
  /** Absent: by TCP from here. */
  readonly route?: Route;
}

/** What happens on the way to a host, and may be otherwise a moment later. */
const PASSING: readonly string[] = [
  'CLOSED',
  'FORWARD_FAILED',
  'FORWARD_RESET',
  'LINK_LOST',
  'QUOTA_EXHAUSTED',
];

/** Says of an error on a route which host could not be reached. A jump host that refuses is another matter. */
export function explainRoute(shown: string, error: unknown): unknown {
  if (error instanceof RexaError && !PASSING.includes(error.code)) return error;
  return causedBy('CONNECT_FAILED', error, shown);
}

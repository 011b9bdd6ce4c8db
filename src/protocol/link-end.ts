import type { RexaError } from './errors.ts';

/** How a connection or a link ended. */
export type LinkEnd =
  /** One side sent GOAWAY without an error. */
  | { readonly kind: 'goaway' }
  /** The peer sent GOAWAY with an error: code and text are the peer's. */
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  /** This side sent GOAWAY with an error. */
  | { readonly kind: 'failed'; readonly error: RexaError }
  /** The connection ended without GOAWAY; for a link: and was not replaced. */
  | { readonly kind: 'lost'; readonly error: RexaError | null };

import type { RexaError } from './errors.ts';

/** How a connection, or a link, came to its end. */
export type LinkEnd =
  /** One side said goaway without an error. */
  | { readonly kind: 'goaway' }
  /** The peer said goaway with an error of its own: code and text are the other side's. */
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  /** This side found an error and said so. */
  | { readonly kind: 'failed'; readonly error: RexaError }
  /** The connection ended without a goaway; of a link: and no other took its place. */
  | { readonly kind: 'lost'; readonly error: RexaError | null };

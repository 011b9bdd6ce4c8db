import type { Link } from '../link/link.ts';

/** A host, as the half of a service that asks knows it. */
export interface AskedHost {
  readonly address: string;
  /** Looked at with each request: a host may have none. @throws RexaError READY_COMMAND_REFUSED */
  readonly link: Link;
}

import { RexaError } from '../protocol/errors.ts';
import type { LinkEnd } from '../protocol/link-end.ts';
import { outcomeOfRefusal } from '../protocol/outcome.ts';
import { toRexaError } from '../protocol/to-rexa-error.ts';

/** The error that a link's end is for whoever still wanted something of it. */
export function describeEnd(end: LinkEnd, address: string): RexaError {
  switch (end.kind) {
    case 'goaway':
      return new RexaError('LINK_LOST', [address, 'one side said goaway']);
    case 'refused':
      if (end.code === 'SHUTTING_DOWN') return toRexaError(end);
      return new RexaError(outcomeOfRefusal(end.code) === 'denied' ? 'DENIED' : 'REFUSED', [
        address,
        end.message,
        end.code,
      ]);
    case 'failed':
      return end.error;
    case 'lost':
      return new RexaError('LINK_LOST', [address, end.error?.message ?? 'the connection ended'], {
        cause: end.error,
      });
  }
}

import { type ForwardLetter, readForwardSpec } from '../../config/ssh/forward-spec.ts';
import { RexaError } from '../../protocol/errors.ts';
import { showPlace } from '../../protocol/socket-place.ts';
import { nameSpec } from './describe-forward.ts';
import type { Forwards } from './open-forwards.ts';

const HELP = [
  'Commands:',
  '  -L[bind:]port:host:hostport  forward a local port',
  '  -R[bind:]port:host:hostport  forward a remote port',
  '  -D[bind:]port                SOCKS server',
  '  -KL[bind:]port, -KR[bind:]port, -KD[bind:]port  stop listening',
];

/** Runs a line that was typed behind `~C`, as ssh does. @returns what is said of it */
export async function runForwardCommand(
  forwards: Pick<Forwards, 'add' | 'cancel'>,
  line: string,
): Promise<readonly string[]> {
  const text = line.trim();
  if (text === '') return [];
  if (/^(?:-h|-\?|help|\?)$/i.test(text)) return HELP;
  const [, cancels = '', letter, spec = ''] = /^-?(K?)([LRD])\s*(\S+)$/i.exec(text) ?? [];
  if (letter === undefined) return ['Invalid command.', ...HELP];
  const kind = letter.toUpperCase() as ForwardLetter;
  try {
    if (cancels === '') {
      const isOpen = await forwards.add(readForwardSpec(kind, spec));
      return [isOpen ? 'Forwarding port.' : 'Port forwarding failed.'];
    }
    const isCanceled = await forwards.cancel(kind, readForwardSpec('D', spec).from);
    return [isCanceled ? 'Canceled forwarding.' : 'Unknown port forwarding.'];
  } catch (error) {
    if (error instanceof RexaError) return [error.message];
    throw error;
  }
}

/** Describes what is forwarded, a line each. */
export function listForwards({ open }: Pick<Forwards, 'open'>): readonly string[] {
  if (open.length === 0) return ['nothing is forwarded'];
  return open.map(({ spec, forward: { address, connectionCount } }) => {
    const to = spec.to === null ? 'socks' : showPlace(spec.to);
    return `${nameSpec(spec)}: listens on ${showPlace(address)}, leads to ${to}, connections: ${connectionCount}`;
  });
}

import type { OpenHost } from '../../client/host.ts';
import type { HostName } from '../../client/host-name.ts';
import { DEFAULT_CONNECT_TIMEOUT_MS } from '../../protocol/limits.ts';
import { createMessages, type MessageOptions, type Messages } from '../output/messages.ts';
import { reportError } from '../output/report-error.ts';
import { readHostOptions } from './host-options.ts';
import { openCalledHost } from './open-called-host.ts';

/**
 * Opens a host, does something there, and says what went wrong.
 * @returns the exit status
 * @throws RexaError USAGE
 */
export async function withHost(
  { address, user }: HostName,
  values: Parameters<typeof readHostOptions>[0] & MessageOptions,
  act: (host: OpenHost, messages: Messages) => Promise<number>,
): Promise<number> {
  const messages = createMessages(values);
  try {
    await using host = await openCalledHost(address, readHostOptions(values, user), messages);
    await host.greeted(values['connect-timeout'] ?? DEFAULT_CONNECT_TIMEOUT_MS);
    return await act(host, messages);
  } catch (error) {
    return reportError(error, messages);
  }
}

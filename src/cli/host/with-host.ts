import type { OpenHost } from '../../client/host.ts';
import type { HostName } from '../../client/host-name.ts';
import { DEFAULT_CONNECT_TIMEOUT_MS } from '../../protocol/limits.ts';
import { createMessages, type MessageOptions, type Messages } from '../output/messages.ts';
import { reportError } from '../output/report-error.ts';
import { closedUnused } from '../share/until-unused.ts';
import { readHostOptions } from './host-options.ts';
import { openCalledHost } from './open-called-host.ts';

/**
 * Opens a host by the options of a command, and waits for its hello.
 * @throws RexaError as openCalledHost, CONNECT_TIMEOUT, LINK_LOST
 */
export async function openGreeted(
  { address, user }: HostName,
  values: Parameters<typeof readHostOptions>[0],
  messages: Messages,
): Promise<OpenHost> {
  const host = await openCalledHost(address, readHostOptions(values, user), messages);
  try {
    await host.greeted(values['connect-timeout'] ?? DEFAULT_CONNECT_TIMEOUT_MS);
    return closedUnused(host, messages);
  } catch (error) {
    await host.close();
    throw error;
  }
}

/**
 * Opens a host, does something there, and says what went wrong.
 * @returns the exit status
 * @throws RexaError USAGE
 */
export async function withHost(
  name: HostName,
  values: Parameters<typeof readHostOptions>[0] & MessageOptions,
  act: (host: OpenHost, messages: Messages) => Promise<number>,
): Promise<number> {
  const messages = createMessages(values);
  try {
    await using host = await openGreeted(name, values, messages);
    return await act(host, messages);
  } catch (error) {
    return reportError(error, messages);
  }
}

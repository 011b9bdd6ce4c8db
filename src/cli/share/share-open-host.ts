import type { OpenHost } from '../../client/host.ts';
import { RexaError } from '../../protocol/errors.ts';
import type { HostPlan, ShareOptions } from '../host/host-plan.ts';
import type { Messages } from '../output/messages.ts';
import { shareHost } from './share-host.ts';
import { findSharePlace } from './share-place.ts';

/** Shares the connection of a host that this process has opened. Without a control socket it is not shared, as in ssh. */
export async function shareOpenHost(
  host: OpenHost,
  plan: HostPlan,
  options: ShareOptions,
  messages: Messages,
): Promise<void> {
  try {
    const { path, key } = findSharePlace(plan, options);
    await shareHost(host, { options, path, key, messages });
  } catch (error) {
    if (!(error instanceof RexaError) || error.code !== 'SHARE_LISTEN_FAILED') throw error;
    messages.warn(error.message);
  }
}

import type { OpenHost } from '../../client/host.ts';
import { RexaError } from '../../protocol/errors.ts';
import type { HostPlan, ShareOptions } from '../host/host-plan.ts';
import type { Messages } from '../output/messages.ts';
import { shareHost } from './share-host.ts';
import { controlPath, shareKey } from './share-place.ts';

/** Shares the connection of a host that this process has opened. Without a control socket it is not shared, as in ssh. */
export async function shareOpenHost(
  host: OpenHost,
  plan: HostPlan,
  options: ShareOptions,
  messages: Messages,
): Promise<OpenHost> {
  const key = shareKey(plan);
  try {
    const sharing = await shareHost(host, { options, path: controlPath(options, key), key, messages });
    return Object.create(host, { sharing: { value: sharing } }) as OpenHost;
  } catch (error) {
    if (!(error instanceof RexaError) || error.code !== 'SHARE_LISTEN_FAILED') throw error;
    messages.warn(error.message);
    return host;
  }
}

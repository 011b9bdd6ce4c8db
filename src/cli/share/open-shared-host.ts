import type { OpenHost } from '../../client/host.ts';
import { joinConnection } from '../../client/share/join-connection.ts';
import { RexaError } from '../../protocol/errors.ts';
import type { HostOptions, HostPlan, ShareOptions } from '../host/host-plan.ts';
import { ON_STDIN } from '../host/identities.ts';
import type { Messages } from '../output/messages.ts';
import { controlPath, shareKey } from './share-place.ts';
import { startSharing } from './start-sharing.ts';

/** How a host is called. */
export interface SharedCall {
  readonly called: string;
  readonly given: HostOptions;
  readonly plan: HostPlan;
  readonly messages: Messages;
}

/**
 * Opens a host over a connection that another process shares, or has a process in the background make one.
 * @returns null: this process makes its own connection
 * @throws RexaError why the process in the background could not connect
 */
export async function openSharedHost(call: SharedCall, share: ShareOptions): Promise<OpenHost | null> {
  const { called, given, plan, messages } = call;
  const key = shareKey(plan);
  const path = controlPath(share, key);
  const joins = share.mode === 'no' || share.mode === 'auto' || share.mode === 'autoask';
  const joined = joins ? await tryJoin(call, path, key) : null;
  if (joined !== null || !startsBehind(share, given)) return joined;
  const { similar: _similar, share: _share, ...others } = given;
  try {
    await startSharing(
      { called, given: { ...others, user: plan.connect.user }, options: share, path, key },
      messages,
    );
  } catch (error) {
    if (!(error instanceof RexaError) || !OWN_FAILURES.includes(error.code)) throw error;
    messages.warn(error.message);
    return null;
  }
  return tryJoin(call, path, key);
}

/** Of the process in the background: without them we could connect. */
const OWN_FAILURES: readonly string[] = [
  'SHARE_START_FAILED',
  'SHARE_LISTEN_FAILED',
  'SOCKET_NOT_OURS',
  'SOCKET_PATH_TOO_LONG',
];

/** A key on stdin can be read once. */
function startsBehind({ mode, persistMs }: ShareOptions, { identities = [] }: HostOptions): boolean {
  return mode !== 'no' && persistMs !== null && !identities.includes(ON_STDIN);
}

/** Nothing was sent to the host where a connection cannot be joined, so that another one can be made. */
async function tryJoin(
  { called, messages }: SharedCall,
  path: string,
  key: string,
): Promise<OpenHost | null> {
  try {
    const host = await joinConnection({ address: called, path, key });
    messages.debug(1, `using the shared connection at ${path}`);
    return host;
  } catch (error) {
    if (!(error instanceof RexaError)) throw error;
    // A process that is just ending, or none, is no news
    if (error.code === 'SHARE_REFUSED' || error.code === 'SOCKET_NOT_OURS') messages.warn(error.message);
    else messages.debug(1, `no connection is shared at ${path}: ${error.message}`);
    return null;
  }
}

import type { OpenHost } from '../../client/host.ts';
import { joinConnection } from '../../client/share/join-connection.ts';
import { RexaError } from '../../protocol/errors.ts';
import type { HostOptions, HostPlan, ShareOptions } from '../host/host-plan.ts';
import { ON_STDIN } from '../host/identities.ts';
import type { Messages } from '../output/messages.ts';
import { describeUnshared } from './describe-unshared.ts';
import { findSharePlace } from './share-place.ts';
import { startSharing } from './start-sharing.ts';

/** How a host is called. */
export interface SharedCall {
  readonly called: string;
  readonly given: HostOptions;
  readonly plan: HostPlan;
  readonly messages: Messages;
}

/** Why there is no shared connection to use: nobody shares one, or this process is to connect for itself alone. */
type NotShared = 'nobody' | 'alone';

/**
 * Opens a host over a connection that another process shares, or has a process in the background make one.
 * @returns `nobody`: this process makes a connection, and may share it; `alone`: it does not share it
 * @throws RexaError why the process in the background could not connect; SHARE_REFUSED where a shared connection is required
 */
export async function openSharedHost(call: SharedCall, share: ShareOptions): Promise<OpenHost | NotShared> {
  const { called, given, plan, messages } = call;
  const { path, key } = findSharePlace(plan, share);
  const joins = share.mode === 'no' || share.mode === 'auto' || share.mode === 'autoask';
  const joined = joins ? await tryJoin(call, path, key, share.isRequired) : 'nobody';
  if (joined !== 'nobody' || !startsBehind(share, given)) return joined;
  const told = { ...given, similar: undefined, user: plan.connect.user };
  try {
    await startSharing({ called, given: told, options: share, path, key }, messages);
  } catch (error) {
    if (!(error instanceof RexaError) || !OWN_FAILURES.includes(error.code)) throw error;
    messages.warn(error.message);
    return 'alone';
  }
  return tryJoin(call, path, key);
}

/** Of the process in the background: without them we could connect. */
const OWN_FAILURES: readonly string[] = ['SHARE_START_FAILED', 'SHARE_LISTEN_FAILED'];

/** A key on stdin can be read once. */
function startsBehind({ mode, persistMs }: ShareOptions, { identities = [] }: HostOptions): boolean {
  return mode !== 'no' && persistMs !== null && !identities.includes(ON_STDIN);
}

/** Of a socket that is there, and cannot be used or replaced. */
const UNUSABLE: readonly string[] = ['SHARE_REFUSED', 'SHARE_SILENT', 'SOCKET_NOT_OURS'];

/** Nothing was sent to the host where a connection cannot be joined, so that another one can be made. */
async function tryJoin(
  { called, messages }: SharedCall,
  path: string,
  key: string,
  isRequired = false,
): Promise<OpenHost | NotShared> {
  try {
    const host = await joinConnection({ address: called, path, key });
    messages.debug(1, `using the shared connection at ${path}`);
    return host;
  } catch (error) {
    if (!(error instanceof RexaError) || (isRequired && error.code === 'SHARE_REFUSED')) throw error;
    if (isRequired) throw new RexaError('SHARE_REFUSED', [describeUnshared(path, error)], { cause: error });
    if (UNUSABLE.includes(error.code)) {
      messages.warn(error.message);
      return 'alone';
    }
    // A process that is just ending, or none, is no news
    messages.debug(1, `no connection is shared at ${path}: ${error.message}`);
    return 'nobody';
  }
}

import * as v from 'valibot';
import type { JsonObject } from '../protocol/control.ts';
import { hostFiles } from '../services/files/client.ts';
import type { AskedFilesHost } from '../services/files/client-asked-host.ts';
import type { FilesHost } from '../services/files/client-types.ts';
import { hostForward } from '../services/forward/client.ts';
import type { ForwardHost } from '../services/forward/client-types.ts';
import { hostJobs } from '../services/jobs/client.ts';
import type { JobsHost } from '../services/jobs/client-types.ts';
import { hostSessions } from '../services/sessions/client.ts';
import type { SessionsHost } from '../services/sessions/client-types.ts';
import { hostTalk } from '../services/talk/client.ts';
import type { TalkHost } from '../services/talk/client-types.ts';
import { ask } from './ask.ts';
import type { ForwardingHost } from './forwarded-channels.ts';

/** What a host can be asked for beside commands: a name for each folder in src/services. */
export interface HostServices extends JobsHost, ForwardHost, FilesHost, SessionsHost, TalkHost {
  /**
   * Asks a service that answers in one message, such as one that a program has given its embedded daemon. The answer comes from
   * the host as it is: nothing in it is checked or escaped.
   * @throws RexaError what the daemon refused with, LINK_LOST
   */
  ask(request: JsonObject & { readonly service: string }): Promise<JsonObject>;
}

/**
 * Gives a host what these services add to it.
 * @internal
 */
export function hostServices(host: ForwardingHost & AskedFilesHost): HostServices {
  return {
    ...hostJobs(host),
    ...hostForward(host),
    ...hostFiles(host),
    ...hostSessions(host),
    ...hostTalk(host),
    ask: (request) => ask(host, request, v.looseObject({})),
  };
}

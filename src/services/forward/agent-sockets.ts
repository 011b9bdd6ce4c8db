import fs from 'node:fs';
import net, { type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { resetSocket } from '../../link/join-stream.ts';
import { RexaError } from '../../protocol/errors.ts';
import { listenAt } from '../../runtime/listen-at.ts';
import { describeSocketError } from '../../runtime/socket-error.ts';
import { describeError } from '../audit-lines.ts';
import type { Call } from '../call.ts';
import { notPermitted } from '../rights.ts';
import type { Costs } from '../service.ts';
import { acceptSocket, type ForwardServiceOptions, type Under } from './carry.ts';

/** The socket of a client's ssh-agent on this host. */
export interface AgentSocket {
  /** For `SSH_AUTH_SOCK`. */
  readonly path: string;
  /** Removes the socket and its folder, and ends its connections. */
  close(): void;
}

/** Opens the agents of clients on this host. */
export interface AgentSockets {
  /**
   * Listens in a new folder of mode 0700; each connection is a channel to the client that names its grant.
   * @throws RexaError NOT_PERMITTED, QUOTA_EXHAUSTED, FORWARD_LISTEN_FAILED, LOGIN_EXPIRED
   */
  open(call: Call, grant: string): Promise<AgentSocket>;
}

const AGENT_COSTS: Costs = { listeners: 1, descriptors: 1 };
/** What the names of the folders begin with. */
const FOLDER_PREFIX = 'rexa-agent-';
const SOCKET_NAME = 'agent';

export function createAgentSockets(options: ForwardServiceOptions, under: Under): AgentSockets {
  let swept: Promise<void> | null = null;
  return {
    async open(call, grant) {
      // Before the first one of this daemon: a daemon that was killed could not remove its own
      swept ??= removeDeadFolders(tmpdir());
      await swept;
      try {
        return await openSocket(options, under, call, grant);
      } catch (error) {
        options.audit.note('agent-refused', call.principal, describeError(error));
        throw error;
      }
    },
  };
}

async function openSocket(
  options: ForwardServiceOptions,
  under: Under,
  call: Call,
  grant: string,
): Promise<AgentSocket> {
  const { principal } = call;
  if (!principal.rights.agentForwarding) throw notPermitted(principal, 'a forwarded ssh-agent');
  const bill = options.forwarding.charge(principal, AGENT_COSTS, 'listeners');
  const sockets = new Set<Socket>();
  const accept = (socket: Socket): void => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    acceptSocket(options, under, call, {
      socket,
      grant,
      name: 'agent',
      facts: {},
      checkPolicy: () => undefined,
    });
  };
  let folder: string | null = null;
  try {
    // mkdtemp makes it with mode 0700
    folder = fs.mkdtempSync(path.join(tmpdir(), FOLDER_PREFIX));
    const place = { path: path.join(folder, SOCKET_NAME) };
    const listening = await listenAt(place, accept);
    return {
      path: place.path,
      close() {
        listening.close();
        for (const socket of sockets) resetSocket(socket);
        removeFolder(path.dirname(place.path));
        bill.giveBack();
      },
    };
  } catch (cause) {
    bill.giveBack();
    if (folder !== null) removeFolder(folder);
    throw new RexaError(
      'FORWARD_LISTEN_FAILED',
      ['the socket of the ssh-agent', describeSocketError(cause)],
      { cause },
    );
  }
}

/** Removes the folders of this user whose socket has no daemon. */
async function removeDeadFolders(within: string): Promise<void> {
  const names = await fs.promises.readdir(within).catch(() => []);
  const folders = names
    .filter((name) => name.startsWith(FOLDER_PREFIX))
    .map((name) => path.join(within, name));
  await Promise.all(folders.map(async (folder) => (await isDead(folder)) && removeFolder(folder)));
}

/** Whether it is ours, and nobody listens there. */
async function isDead(folder: string): Promise<boolean> {
  const found = fs.lstatSync(folder, { throwIfNoEntry: false });
  if (found?.isDirectory() !== true || found.uid !== process.getuid?.()) return false;
  const socket = net.connect({ path: path.join(folder, SOCKET_NAME) });
  const error = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
    socket.once('connect', () => resolve(null));
    socket.once('error', resolve);
  });
  socket.destroy();
  return error?.code === 'ECONNREFUSED';
}

/** What cannot be removed stays: nobody listens there. */
function removeFolder(folder: string): void {
  fs.rmSync(folder, { recursive: true, force: true });
}

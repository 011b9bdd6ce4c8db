import fs from 'node:fs';
import net, { type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { resetSocket } from '../../link/join-stream.ts';
import { RexaError } from '../../protocol/errors.ts';
import { listenAt } from '../../runtime/listen-at.ts';
import { describeSocketError } from '../../runtime/socket-error.ts';
import type { Call } from '../call.ts';
import { notPermitted } from '../rights.ts';
import type { Costs } from '../service.ts';
import { acceptSocket, type ForwardServiceOptions, type Under } from './carry.ts';

/** The socket of a client's ssh-agent on this host. */
export interface AgentSocket {
  /** For `SSH_AUTH_SOCK`. */
  readonly path: string;
  /** Removes the socket and its folder, and ends its connections. Never throws. */
  close(): void;
}

/** A run that has an agent. */
export interface AgentRun {
  readonly id: string;
  /** What its channels name. */
  readonly grant: string;
}

/** Opens the agents of clients on this host. */
export interface AgentSockets {
  /**
   * Listens in a new folder of mode 0700; each connection is a channel to the client that names its grant.
   * @throws RexaError NOT_PERMITTED, QUOTA_EXHAUSTED, FORWARD_LISTEN_FAILED, LOGIN_EXPIRED
   */
  open(call: Call, run: AgentRun): Promise<AgentSocket>;
}

/** Runs are counted already. */
const AGENT_COSTS: Costs = { descriptors: 1 };
/** What the names of the folders begin with; the pid of the daemon follows. */
const FOLDER_PREFIX = 'rexa-agent-';
const FOLDER_NAME = /^rexa-agent-(\d{1,10})-[A-Za-z0-9]{6}$/;
const SOCKET_NAME = 'agent';

export function createAgentSockets(options: ForwardServiceOptions, under: Under): AgentSockets {
  let swept: Promise<void> | null = null;
  return {
    async open(call, run) {
      // Before the first one of this daemon: a daemon that was killed could not remove its own
      swept ??= removeDeadSockets(tmpdir());
      await swept;
      return await openSocket(options, under, call, run);
    },
  };
}

async function openSocket(
  options: ForwardServiceOptions,
  under: Under,
  call: Call,
  { id, grant }: AgentRun,
): Promise<AgentSocket> {
  const { principal } = call;
  if (!principal.rights.agentForwarding) throw notPermitted(principal, 'a forwarded ssh-agent');
  const bill = options.forwarding.charge(principal, AGENT_COSTS, 'sockets of the ssh-agent');
  const sockets = new Set<Socket>();
  const accept = (socket: Socket): void => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    acceptSocket(options, under, call, {
      socket,
      grant,
      name: 'agent',
      facts: { run: id },
      checkPolicy: () => undefined,
    });
  };
  let folder: string | null = null;
  try {
    // mkdtemp makes it with mode 0700
    folder = fs.mkdtempSync(path.join(tmpdir(), `${FOLDER_PREFIX}${process.pid}-`));
    const place = { path: path.join(folder, SOCKET_NAME) };
    const listening = await listenAt(place, accept);
    return {
      path: place.path,
      close() {
        bill.giveBack();
        listening.close();
        for (const socket of sockets) resetSocket(socket);
        removeSocket(path.dirname(place.path));
      },
    };
  } catch (cause) {
    bill.giveBack();
    if (folder !== null) removeSocket(folder);
    throw new RexaError(
      'FORWARD_LISTEN_FAILED',
      ['the socket of the ssh-agent', describeSocketError(cause)],
      { cause },
    );
  }
}

/** Removes the sockets of daemons of this user that are gone. Never rejects. */
async function removeDeadSockets(within: string): Promise<void> {
  const names = await fs.promises.readdir(within).catch(() => []);
  await Promise.all(
    names.map(async (name) => {
      const pid = FOLDER_NAME.exec(name)?.[1];
      if (pid === undefined || isAlive(Number(pid))) return;
      const folder = path.join(within, name);
      if (await isDead(folder)) removeSocket(folder);
    }),
  );
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Whether it is ours, and nobody listens there: its daemon may run in another pid namespace. */
async function isDead(folder: string): Promise<boolean> {
  const found = await fs.promises.lstat(folder).catch(() => null);
  if (found?.isDirectory() !== true || found.uid !== process.getuid?.()) return false;
  const socket = net.connect({ path: path.join(folder, SOCKET_NAME) });
  const error = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
    socket.once('connect', () => resolve(null));
    socket.once('error', resolve);
  });
  socket.destroy();
  return error?.code === 'ECONNREFUSED' || error?.code === 'ENOENT';
}

/** Removes the socket and its folder. Commands may write there: what they left is theirs, and stays with the folder. */
function removeSocket(folder: string): void {
  const socketPath = path.join(folder, SOCKET_NAME);
  try {
    if (fs.lstatSync(socketPath, { throwIfNoEntry: false })?.isSocket() === true) fs.unlinkSync(socketPath);
    fs.rmdirSync(folder);
  } catch {
    // It stays, and nobody listens there
  }
}

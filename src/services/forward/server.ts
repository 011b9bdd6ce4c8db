import type { Socket } from 'node:net';
import type { Principal } from '../../auth/principal.ts';
import { resetSocket } from '../../link/join-stream.ts';
import { RexaError } from '../../protocol/errors.ts';
import { type SocketPlace, showPlace } from '../../protocol/socket-place.ts';
import { dialSocket } from '../../runtime/dial-socket.ts';
import { listenAt } from '../../runtime/listen-at.ts';
import { describeSocketError } from '../../runtime/socket-error.ts';
import { describeError } from '../audit-lines.ts';
import type { Call } from '../call.ts';
import { defineService } from '../define-service.ts';
import type { Costs, Service, Work } from '../service.ts';
import { createWorkSet } from '../work-set.ts';
import { type AgentSockets, createAgentSockets } from './agent-sockets.ts';
import { authorizeDirect, authorizeListen, bindPlace, mayGoOn } from './authorize.ts';
import { acceptSocket, CONNECTION_COSTS, carry, type ForwardServiceOptions, type Under } from './carry.ts';
import {
  type DirectRequest,
  directRequestSchema,
  type ListenRequest,
  listenRequestSchema,
} from './messages.ts';

const LISTENER_COSTS: Costs = { listeners: 1, descriptors: 1 };

/** Creates the services `direct` and `listen`; docs/protocol.md, 12. */
export function createForwardServices(options: ForwardServiceOptions): {
  readonly services: readonly Service[];
  readonly agents: AgentSockets;
  readonly work: Work;
} {
  const listeners = new Set<() => void>();
  // A drain closes the listeners, and waits for the connections
  const sockets = createWorkSet<Socket>(resetSocket, () => {
    for (const stop of listeners) stop();
  });
  const under: Under = { sockets, listeners };
  return {
    services: [createDirect(options, under), createListen(options, under)],
    agents: createAgentSockets(options, under),
    work: sockets.work,
  };
}

function createDirect(options: ForwardServiceOptions, under: Under): Service {
  return defineService<DirectRequest, SocketPlace>({
    name: 'direct',
    schema: directRequestSchema,
    openToBound: { fields: ['to'] },
    drain: 'refuse',
    authorize: ({ to }, principal) =>
      authorizeDirect(to, principal, options.forwarding.policy, options.forwarding.isPeerPort),
    audit: ({ to }) => ({ to: showPlace(to) }),
    async serve(call, { request: to, turn }) {
      // Others do not wait for a host that does not answer
      turn.started();
      const facts = { to: showPlace(to) };
      try {
        await connect(options, under, call, to);
      } catch (error) {
        options.audit.note('direct-refused', call.principal, { ...facts, ...describeError(error) });
        throw error;
      }
    },
  });
}

/** @throws RexaError QUOTA_EXHAUSTED, FORWARD_FAILED */
async function connect(
  options: ForwardServiceOptions,
  under: Under,
  { channel, principal }: Call,
  to: SocketPlace,
): Promise<void> {
  const bill = options.forwarding.charge(principal, CONNECTION_COSTS, 'forwarded connections');
  try {
    const socket = await dial(options, principal, to, channel.ended);
    channel.send({ type: 'connected' });
    await carry(options, under, { channel, socket, principal }, ['direct', { to: showPlace(to) }]);
  } finally {
    bill.giveBack();
  }
}

/** @throws RexaError QUOTA_EXHAUSTED, FORWARD_FAILED */
async function dial(
  options: ForwardServiceOptions,
  principal: Principal,
  to: SocketPlace,
  given: Promise<unknown>,
): Promise<Socket> {
  const bill = options.forwarding.charge(
    principal,
    { dials: 1 },
    'forwarded connections that are being established',
  );
  try {
    return await dialSocket(to, given);
  } catch (cause) {
    throw new RexaError('FORWARD_FAILED', [showPlace(to), describeSocketError(cause)], { cause });
  } finally {
    bill.giveBack();
  }
}

function createListen(options: ForwardServiceOptions, under: Under): Service {
  return defineService<ListenRequest, ListenRequest>({
    name: 'listen',
    schema: listenRequestSchema,
    openToBound: { fields: ['at', 'grant'] },
    drain: 'refuse',
    authorize: ({ at, ...request }, principal) => ({
      ...request,
      at: authorizeListen(at, principal, options.forwarding.policy),
    }),
    audit: ({ at }) => ({ at: showPlace(at) }),
    async serve(call, { request, turn }) {
      turn.started();
      const { channel, principal } = call;
      try {
        const bill = options.forwarding.charge(principal, LISTENER_COSTS, 'listeners');
        await listen(options, under, call, request).finally(bill.giveBack);
        channel.close({});
      } catch (error) {
        const facts = { at: showPlace(request.at), ...describeError(error) };
        options.audit.note('listen-refused', principal, facts);
        throw error;
      }
    },
  });
}

/** Listens until the channel, or the daemon, ends. @throws RexaError FORWARD_LISTEN_FAILED */
async function listen(
  options: ForwardServiceOptions,
  under: Under,
  call: Call,
  { at: asked, grant }: ListenRequest,
): Promise<void> {
  const { channel, principal } = call;
  const stopped = Promise.withResolvers<void>();
  under.listeners.add(stopped.resolve);
  const bound = bindPlace(asked, options.forwarding.policy);
  let at = bound;
  const checkPolicy = (): void => {
    if (!mayGoOn(asked, bound, options.forwarding.policy))
      throw new RexaError('FORWARD_PROHIBITED', [`a listener on ${showPlace(at)}`, '--allow-tcp-forwarding']);
  };
  const accept = (socket: Socket): void =>
    acceptSocket(options, under, call, {
      socket,
      grant,
      name: 'forwarded',
      facts: { at: showPlace(at) },
      checkPolicy,
    });
  const listening = await listenAt(bound, accept).catch((cause: unknown) => {
    under.listeners.delete(stopped.resolve);
    throw new RexaError('FORWARD_LISTEN_FAILED', [showPlace(bound), describeSocketError(cause)], { cause });
  });
  at = listening.at;
  const facts = { at: showPlace(at) };
  options.audit.note('listen-started', principal, facts);
  channel.send({ type: 'listening', at });
  await Promise.race([channel.ended, stopped.promise]);
  under.listeners.delete(stopped.resolve);
  listening.close();
  options.audit.note('listen-ended', principal, facts);
}

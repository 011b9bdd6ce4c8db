import type { Socket } from 'node:net';
import type { Principal } from '../../auth/principal.ts';
import { joinStream, resetSocket } from '../../link/join-stream.ts';
import { RexaError } from '../../protocol/errors.ts';
import { showPlace } from '../../protocol/socket-place.ts';
import type { Facts } from '../../runtime/log.ts';
import { type AuditLines, describeError } from '../audit-lines.ts';
import type { Call, CallChannel } from '../call.ts';
import { FORWARD_BUFFER_BYTES } from '../limits.ts';
import { checkExpiry } from '../rights.ts';
import type { Bill, Costs } from '../service.ts';
import type { WorkSet } from '../work-set.ts';
import type { ForwardPolicy } from './authorize.ts';

/** What a daemon decides about forwarding. */
export interface Forwarding {
  /** Read at each request. */
  readonly policy: ForwardPolicy;
  /** Whether a port is a listener of this daemon that asks for nothing but the uid of its peer. */
  isPeerPort(port: number): boolean;
  /** Takes what a connection or a listener costs. @throws RexaError QUOTA_EXHAUSTED */
  charge(principal: Principal, costs: Costs, what: string): Bill;
}

/** What the services need of their daemon. */
export interface ForwardServiceOptions {
  readonly audit: AuditLines;
  readonly forwarding: Forwarding;
}

/** What a forwarded connection costs. */
export const CONNECTION_COSTS: Costs = { forwards: 1, descriptors: 1 };

/** What of forwarding is under way. */
export interface Under {
  readonly sockets: WorkSet<Socket>;
  /** What closes each listener. */
  readonly listeners: Set<() => void>;
}

/** One connection: its channel, its socket, and whose it is. */
interface Connection {
  readonly channel: CallChannel;
  readonly socket: Socket;
  readonly principal: Principal;
}

/** Carries a connection until its channel is over, and audits it: what waits in the channel for a client counts as well. */
export async function carry(
  { audit }: ForwardServiceOptions,
  under: Under,
  { channel, socket, principal }: Connection,
  [what, facts]: readonly [string, Facts],
): Promise<void> {
  audit.note(`${what}-started`, principal, facts);
  channel.limitBuffers(FORWARD_BUFFER_BYTES);
  under.sockets.add(socket);
  const { sentBytes, receivedBytes, error } = await joinStream(channel, socket);
  under.sockets.delete(socket);
  const bytes = { toClientBytes: sentBytes, fromClientBytes: receivedBytes };
  audit.note(`${what}-ended`, principal, { ...facts, ...bytes, reason: error?.message ?? null });
  await channel.ended;
}

/** A connection that a listener has accepted. */
export interface Accepted {
  readonly socket: Socket;
  readonly grant: string;
  /** What it is in the audit, and where it was accepted. */
  readonly name: 'forwarded' | 'agent';
  readonly facts: Facts;
  /** @throws RexaError where the listener may not go on */
  checkPolicy(): void;
}

/** Passes an accepted connection to the client; one that it cannot have is reset. */
export function acceptSocket(
  options: ForwardServiceOptions,
  under: Under,
  call: Call,
  { socket, grant, name, facts: where, checkPolicy }: Accepted,
): void {
  const { principal } = call;
  const from =
    socket.remoteAddress === undefined ? null : { host: socket.remoteAddress, port: socket.remotePort ?? 0 };
  const facts = { ...where, from: from && showPlace(from) };
  socket.on('error', () => undefined);
  let bill: Bill | null = null;
  try {
    checkExpiry(principal, Date.now() / 1000);
    checkPolicy();
    bill = options.forwarding.charge(principal, CONNECTION_COSTS, 'forwarded connections');
    const channel = call.open?.({ service: 'forwarded', grant, from }, [0]);
    if (channel === undefined) throw new RexaError('CLOSED', ['link']);
    void carry(options, under, { channel, socket, principal }, [name, facts]).then(bill.giveBack);
  } catch (error) {
    bill?.giveBack();
    resetSocket(socket);
    options.audit.note(`${name}-refused`, principal, { ...facts, ...describeError(error) });
  }
}

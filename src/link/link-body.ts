import type { ChannelId, StreamNumber } from '../framing/frame.ts';
import type { ConnectionEvent } from '../protocol/connection-machine.ts';
import type { JsonObject } from '../protocol/control.ts';
import { RexaError } from '../protocol/errors.ts';
import type { PeerInfo } from '../protocol/hello.ts';
import type { LinkCore } from '../protocol/link-core.ts';
import type { LinkEnd } from '../protocol/link-end.ts';
import { isAlive, type LinkState, type LinkStep, nextLinkState } from '../protocol/link-state.ts';
import type { MuxEvent } from '../protocol/mux.ts';
import { createAsyncQueue } from '../runtime/async-queue.ts';
import { type ChannelInlet, type ChannelPort, createLinkChannel, type LinkChannel } from './channel.ts';
import type { Connection, ConnectionOwner } from './connection.ts';
import { type Keepalive, startKeepalive } from './keepalive.ts';
import { RELAYED_CONTROL_BYTES } from './limits.ts';
import type { Link } from './link.ts';
import { createPings } from './pings.ts';

/** What the two ends of a link do differently with a connection of theirs. */
export interface LinkRole {
  /** What a connection says before it carries the link: its greeting. */
  handleGreeting(connection: Connection, event: ConnectionEvent): void;
  /** The connection is lost: true when the link waits for another one. */
  handleLoss(error: RexaError | null): boolean;
  /** The link is over. */
  handleOver(): void;
  /** Whoever waits for another connection would have it now. */
  hurry?(): void;
  /** The connection has lived long enough: true to move to another one. */
  isWorn(connection: Connection): boolean;
}

/** A link from within: what carries it may change. */
export interface LinkBody {
  readonly link: Link;
  readonly core: LinkCore;
  readonly state: LinkState;
  /** What its connections say goes here. */
  readonly owner: ConnectionOwner;
  /** Its first connection, whose greeting is still to come. */
  begin(connection: Connection): void;
  /** The peer has greeted: what it said, once. */
  noteGreeted(peer: PeerInfo): void;
  /** From now on it is looked after: a silent peer is found, and what is quiet acknowledges. */
  startTending(): void;
  /**
   * Another connection carries it from now on; the one before is dropped, and its counters were frozen with that.
   * @throws RexaError FRAME_MISPLACED when the peer's count can't be
   */
  reattach(connection: Connection, peerReceived: number): void;
  /** Drops the connection: nothing of it is heard or counted any more. */
  detach(): void;
  /** Waits for no other connection, and drops the one that there is. */
  giveUp(error: RexaError): void;
  /** The connection that it began with belongs to this other link: nothing more is expected of it. */
  moveTo(other: Link): void;
  /** The channels that are open. */
  channels(): Iterable<LinkChannel>;
}

/**
 * One closure: its connection may change between any two calls, and each of them has to see the one of that moment.
 * @param keepaliveMs between two looks whether the peer is alive, which find a dead one where its transport asks for that
 */
export function createLinkBody(core: LinkCore, role: LinkRole, keepaliveMs: number): LinkBody {
  const now = (): number => performance.now();
  const inlets = new Map<ChannelId, ChannelInlet>();
  const incoming = createAsyncQueue<LinkChannel>();
  const pings = createPings(core.mux, now);
  const peer = Promise.withResolvers<PeerInfo | null>();
  const ended = Promise.withResolvers<LinkEnd>();
  const closed = Promise.withResolvers<void>();
  let state: LinkState = 'attached';
  let connection: Connection | null = null;
  let keepalive: Keepalive | null = null;
  let movedTo: Link | null = null;
  let isLeaving = false;
  let isTended = false;
  let isRef = true;
  let pumpScheduled = false;
  let resumedCount = 0;
  let unreadBytes = 0;
  let beforePong: () => Promise<unknown> = async () => undefined;

  function step(how: LinkStep): boolean {
    const next = nextLinkState(state, how);
    if (next === null) return false;
    state = next;
    return true;
  }

  function schedulePump(): void {
    if (connection) return connection.schedulePump();
    if (pumpScheduled) return;
    pumpScheduled = true;
    queueMicrotask(() => {
      pumpScheduled = false;
      if (state === 'detached') absorb();
    });
  }

  /** Commands go on without a connection, until what they write has no more credit. */
  function absorb(): void {
    if (core.mux.role === 'daemon') core.absorb();
    reportChannels();
  }

  function reportChannels(): void {
    for (let event = core.mux.pollEvent(); event !== null; event = core.mux.pollEvent())
      handleMuxEvent(event);
  }

  function handleMuxEvent(event: MuxEvent): void {
    switch (event.kind) {
      case 'opened':
        return incoming.push(addChannel(event.channel, event.request, []));
      case 'rtt-wanted':
        schedulePump();
        return void pings.send();
      case 'pong':
        return pings.handlePong(event.payload);
      case 'ping':
        return void answerPing(event.payload);
      default:
        inlets.get(event.channel)?.handleEvent(event);
        if (event.kind !== 'closed') return;
        inlets.delete(event.channel);
        applyRef();
    }
  }

  async function answerPing(payload: Uint8Array): Promise<void> {
    await beforePong();
    if (!isAlive(state)) return;
    core.mux.pong(payload);
    schedulePump();
  }

  function addChannel(id: ChannelId, request: JsonObject, granted: readonly StreamNumber[]): LinkChannel {
    const { mux } = core;
    const port: ChannelPort = { mux, channel: id, schedulePump, now, countUnread, applyRef, isBehind };
    const inlet = createLinkChannel(port, request, granted);
    inlets.set(id, inlet);
    applyRef();
    return inlet.channel;
  }

  function isUsed(): boolean {
    for (const inlet of inlets.values()) if (inlet.isRef) return true;
    return false;
  }

  /** A link that is in use keeps the process alive whatever was said, unless none of its channels does. */
  function applyRef(): void {
    connection?.transport.setRef?.(isRef || isUsed());
  }

  function countUnread(bytes: number): void {
    unreadBytes += bytes;
    if (bytes < 0) schedulePump();
  }

  function isBehind(): boolean {
    return core.mux.queuedControlBytes > RELAYED_CONTROL_BYTES;
  }

  function handleEvent(event: ConnectionEvent): void {
    if (event.kind === 'ended') return handleConnectionEnd(event.end);
    if (event.kind === 'suspended') return keepalive?.excuse();
    if (connection) role.handleGreeting(connection, event);
  }

  function handleConnectionEnd(end: LinkEnd): void {
    reportChannels();
    if (end.kind === 'refused') return finish('refusal', end);
    if (!isLoss(end)) return finish('farewell', end);
    if (!isLeaving && role.handleLoss(end.error)) return detach();
    finish('giving-up', end);
  }

  function detach(): void {
    stopTending();
    connection?.drop();
    connection = null;
    step('loss');
    schedulePump();
  }

  function finish(how: LinkStep, end: LinkEnd): void {
    if (!step(how)) return;
    stopTending();
    core.handleLinkEnd();
    peer.resolve(null);
    for (const [id, inlet] of inlets) inlet.handleLinkEnd(end, core.wasSent(id));
    inlets.clear();
    incoming.end();
    pings.handleLinkEnd();
    role.handleOver();
    ended.resolve(end);
    if (connection) void connection.closed.then(closed.resolve);
    else closed.resolve();
  }

  function startTending(): void {
    isTended = true;
    const tended = connection;
    if (tended === null || keepaliveMs === Number.POSITIVE_INFINITY) return;
    keepalive?.stop();
    const work = {
      heardBytes: () => tended.bytesRead,
      isDeaf: () => tended.isHeld,
      ask() {
        void pings.send();
        schedulePump();
      },
      tend() {
        core.acknowledge();
        schedulePump();
        if (role.isWorn(tended)) renew();
      },
      handleDead: (silentMs: number) => handleDead(new RexaError('PEER_SILENT', [silentMs])),
    };
    keepalive = startKeepalive(work, keepaliveMs, tended.liveness);
  }

  function renew(): boolean {
    if (state !== 'attached' || isLeaving || !role.handleLoss(null)) return false;
    detach();
    return true;
  }

  function stopTending(): void {
    keepalive?.stop();
    keepalive = null;
  }

  function handleDead(error: RexaError): void {
    connection?.drop();
    handleConnectionEnd({ kind: 'lost', error });
  }

  const owner: ConnectionOwner = {
    handleEvent,
    handlePumped: reportChannels,
    heldBytes: () => core.mux.controlBacklogBytes + unreadBytes,
  };

  const link: Link = {
    peer: peer.promise,
    ended: ended.promise,
    closed: closed.promise,
    open(request, receive, firstWindowBytes) {
      const streams = receive as readonly StreamNumber[];
      if (!isAlive(state) || isLeaving) throw new RexaError('CLOSED', ['link']);
      const id = core.mux.open(request, streams, now(), firstWindowBytes);
      schedulePump();
      return addChannel(id, request, streams);
    },
    nextChannel: () => incoming.next(),
    ping() {
      if (!isAlive(state)) return Promise.resolve(null);
      schedulePump();
      return pings.send();
    },
    answerPings(when) {
      beforePong = when;
      core.mux.deferPongs();
    },
    async leave(error) {
      const last = connection;
      if (state === 'detached') finish('farewell', error ? { kind: 'failed', error } : { kind: 'goaway' });
      else if (state === 'attached') last?.leave(error ?? null);
      isLeaving = true;
      await last?.finalErrorSent;
    },
    async suspend() {
      connection?.machine.suspend();
      schedulePump();
      // The frame leaves with the pump; a moment later the system has it.
      await new Promise((resolve) => setImmediate(resolve));
    },
    reconnect() {
      if (!renew()) role.hurry?.();
      return state === 'detached';
    },
    setRef(wanted) {
      isRef = wanted;
      applyRef();
    },
    get channelCount() {
      return inlets.size;
    },
    get isBehind() {
      return isBehind();
    },
    get resumedCount() {
      return resumedCount;
    },
    get movedTo() {
      return movedTo;
    },
  };

  return {
    link,
    core,
    get state() {
      return state;
    },
    owner,
    begin(first) {
      connection = first;
    },
    noteGreeted: peer.resolve,
    startTending,
    reattach(next, peerReceived) {
      core.resume(peerReceived);
      if (connection !== next) connection?.drop();
      connection = next;
      step('re-attachment');
      resumedCount++;
      pings.restate();
      next.setOwner(owner);
      next.machine.carry(core);
      if (isTended) startTending();
      applyRef();
      next.schedulePump();
    },
    detach,
    giveUp(error) {
      connection?.drop();
      finish('giving-up', { kind: 'lost', error });
    },
    moveTo(other) {
      movedTo = other;
      connection = null;
      finish('farewell', { kind: 'goaway' });
    },
    *channels() {
      for (const { channel } of inlets.values()) yield channel;
    },
  };
}

/** A peer that does not greet in time may just be out of reach. */
function isLoss(end: LinkEnd): end is Extract<LinkEnd, { kind: 'lost' | 'failed' }> {
  return end.kind === 'lost' || (end.kind === 'failed' && end.error.code === 'HELLO_TIMEOUT');
}

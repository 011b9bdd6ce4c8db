import type { ConnectionEvent } from '../protocol/connection-machine.ts';
import { type ErrorCode, RexaError } from '../protocol/errors.ts';
import type { Greeting, PeerInfo } from '../protocol/hello.ts';
import type { LinkClaim } from '../protocol/link-claim.ts';
import { createLinkCore } from '../protocol/link-core.ts';
import type { LinkEnd } from '../protocol/link-end.ts';
import type { Login } from '../protocol/login.ts';
import { createReplay } from '../protocol/resumable-replay.ts';
import { RESUME } from '../protocol/version.ts';
import { attachLink } from './attach-link.ts';
import { type Connection, type ConnectionOwner, openConnection } from './connection.ts';
import { KEEPALIVE_MS } from './limits.ts';
import type { Link } from './link.ts';
import { createLinkBody } from './link-body.ts';
import { completeClaim, createLinkId, proveLink, secretOf } from './link-secrets.ts';
import { SLAB_HOLDER } from './payload-holders.ts';
import { createReconnect, type Reconnection, type Try } from './reconnect.ts';
import type { Transport } from './transport.ts';

/** A transport to a daemon, and who we say that we are on it. */
export interface Dialed {
  readonly transport: Transport;
  readonly login?: Login | undefined;
  readonly prove?: ((offer: number) => Promise<string>) | undefined;
}

/** What a client's link needs to outlive its connections. */
export interface ResumableOptions extends Reconnection {
  /** Connects once more, to the same host, which proves the same key. @throws RexaError */
  readonly dial: () => Promise<Dialed>;
  readonly keepaliveMs?: number | undefined;
}

/**
 * A client's link that looks for another connection when it loses the one that it has, and carries on where it was: nothing
 * is lost, and nothing comes twice; docs/protocol.md, 8.
 */
export function openResumableLink(first: Dialed, agent: string, options: ResumableOptions): Link {
  // Nobody will come back: then nothing is kept, and the daemon waits for nobody either.
  if (options.reconnectForMs === 0)
    return attachLink(first.transport, greetWith(first, agent), { ...first, holder: SLAB_HOLDER });
  const core = createLinkCore('client', undefined, createReplay({ holder: SLAB_HOLDER }));
  const id = createLinkId();
  const born = { byTicks: performance.now(), byCalendar: Date.now() };
  let epoch = 0;
  /** Of the connection that the link was made on; null until the daemon is known to have made it. */
  let secret: string | null = null;
  let firstSecret = '';
  /** `one-connection`: the daemon is of those whose links end with their connection. */
  let kind: 'unknown' | 'resumable' | 'one-connection' = 'unknown';

  /** The connection of the try that is under way, and what the daemon has said on it. */
  let candidate: Connection | null = null;
  let greetedPeer: PeerInfo | null = null;

  const reconnect = createReconnect(options, attempt, (error) => body.giveUp(error));
  const body = createLinkBody(
    core,
    {
      handleGreeting(_connection, event) {
        if (event.kind === 'greeted') handleFirstHello(event.peer);
      },
      handleLoss,
      hurry: reconnect.hurry,
      handleOver() {
        reconnect.stop();
        candidate?.drop();
      },
      isWorn,
    },
    options.keepaliveMs ?? KEEPALIVE_MS,
  );

  function claim(transport: Transport): LinkClaim {
    epoch++;
    return completeClaim(transport, { id, epoch });
  }

  /** By the clock that says more: one of them stands still while the machine sleeps, the other may be set back. */
  function readAge(): number {
    return Math.ceil(Math.max(performance.now() - born.byTicks, Date.now() - born.byCalendar));
  }

  function handleFirstHello(peer: PeerInfo): void {
    if (peer.features.includes(RESUME)) {
      kind = 'resumable';
      secret = firstSecret;
      body.startTending();
    } else {
      kind = 'one-connection';
      core.forgetReplay();
    }
    body.noteGreeted(peer);
  }

  /** Before the hello there is something to come back for only when a request is on its way. */
  function handleLoss(error: RexaError | null): boolean {
    const isWorthIt = kind === 'resumable' || (kind === 'unknown' && core.wasSent(1));
    if (isWorthIt) reconnect.start(error);
    return isWorthIt;
  }

  function isWorn({ transport }: Connection): boolean {
    return transport.bytesRead + transport.bytesWritten > transport.renewAfterBytes;
  }

  function greet(dialed: Dialed, link: LinkClaim): Greeting {
    return { ...greetWith(dialed, agent), link };
  }

  /** One more connection, and the handshake on it. */
  async function attempt(): Promise<Try> {
    const dialed = await options.dial();
    if (body.state !== 'detached') {
      dialed.transport.destroy();
      return { kind: 'done' };
    }
    const claimed = claim(dialed.transport);
    const result = Promise.withResolvers<Try>();
    const owner: ConnectionOwner = {
      handleEvent(event) {
        const told = handleCandidate(connection, claimed, event);
        if (told === null) return;
        candidate = null;
        result.resolve(told);
      },
      handlePumped() {},
      heldBytes: () => 0,
    };
    const connection = openConnection(dialed.transport, greet(dialed, claimed), null, owner, {
      ...dialed,
      holder: SLAB_HOLDER,
    });
    candidate = connection;
    return result.promise;
  }

  /** What the events of a new connection come to; null while it is not settled. */
  function handleCandidate(connection: Connection, claimed: LinkClaim, event: ConnectionEvent): Try | null {
    switch (event.kind) {
      case 'greeted':
        greetedPeer = event.peer;
        if (event.peer.features.includes(RESUME)) return null;
        return turnAway(connection, 'the daemon there keeps no links');
      case 'challenged': {
        const { received } = core;
        const facts = {
          id,
          connectionSecret: secretOf(connection.transport, claimed),
          nonce: event.nonce,
          epoch: claimed.epoch,
          received,
        };
        connection.machine.attach({
          proof: proveLink(secret ?? firstSecret, facts),
          epoch: claimed.epoch,
          received,
          ageMs: readAge(),
        });
        return null;
      }
      case 'attached':
        return handleAnswer(connection, claimed, event.attached);
      case 'ended':
        return classifyEnd(event.end);
      default:
        return null;
    }
  }

  function handleAnswer(
    connection: Connection,
    claimed: LinkClaim,
    { verdict, received }: Extract<ConnectionEvent, { kind: 'attached' }>['attached'],
  ): Try {
    if (verdict === 'forgotten') return turnAway(connection, 'the daemon does not have it any more');
    if (verdict === 'never-seen') {
      // A daemon that has greeted us on this link has seen it, whatever it says now.
      if (secret !== null) return turnAway(connection, 'the daemon does not know it any more');
      firstSecret = secretOf(connection.transport, claimed);
    }
    try {
      body.reattach(connection, received);
    } catch (error) {
      connection.leave(error as RexaError);
      return { kind: 'final', error: error as RexaError };
    }
    secret = firstSecret;
    kind = 'resumable';
    if (greetedPeer) body.noteGreeted(greetedPeer);
    body.startTending();
    return { kind: 'done' };
  }

  function turnAway(connection: Connection, why: string): Try {
    connection.leave(null);
    return { kind: 'final', error: new RexaError('LINK_UNKNOWN', [id, why]) };
  }

  const claimed = claim(first.transport);
  firstSecret = secretOf(first.transport, claimed);
  body.begin(
    openConnection(first.transport, greet(first, claimed), core, body.owner, {
      ...first,
      holder: SLAB_HOLDER,
    }),
  );
  return body.link;
}

function greetWith({ login }: Dialed, agent: string): Extract<Greeting, { role: 'client' }> {
  return { role: 'client', agent, ...(login && { login }) };
}

/** What the daemon says of one connection, and may not say of the next: we were stopped meanwhile, or it has no room just now. */
const PASSING: readonly string[] = ['HELLO_TIMEOUT', 'CONNECTIONS_EXHAUSTED'] satisfies readonly ErrorCode[];

/** A peer that is silent, or a connection that is lost, may be another time; what it says otherwise holds. */
function classifyEnd(end: LinkEnd): Try {
  switch (end.kind) {
    case 'lost':
      return { kind: 'again', error: end.error ?? new RexaError('CLOSED', ['connection']) };
    case 'failed':
      return { kind: end.error.code === 'HELLO_TIMEOUT' ? 'again' : 'final', error: end.error };
    case 'refused':
      return {
        kind: PASSING.includes(end.code) ? 'again' : 'final',
        error: new RexaError('REFUSED', ['the daemon', end.message, end.code]),
      };
    case 'goaway':
      return { kind: 'final', error: new RexaError('CLOSED', ['link']) };
  }
}

import type { ConnectionEvent } from '../protocol/connection-machine.ts';
import { RexaError } from '../protocol/errors.ts';
import type { Greeting } from '../protocol/hello.ts';
import type { Attach, Attached, LinkClaim } from '../protocol/link-claim.ts';
import { createLinkCore } from '../protocol/link-core.ts';
import type { RelayNote } from '../protocol/relay.ts';
import { createReplay } from '../protocol/resumable-replay.ts';
import { noteRead } from '../runtime/read-garbage.ts';
import { type Connection, openConnection } from './connection.ts';
import { KEEPALIVE_MS } from './limits.ts';
import type { Link, LinkOptions } from './link.ts';
import { createLinkBody, type LinkBody } from './link-body.ts';
import type { LinkEntry, LinkRegistry } from './link-registry.ts';
import { createNonce, isProof, secretOf } from './link-secrets.ts';
import type { PeerProcess } from './peer-process.ts';
import type { Transport } from './transport.ts';

/** What a daemon's links need to outlive their connections. */
export interface AcceptOptions extends LinkOptions {
  readonly registry: LinkRegistry;
  /** Who the peer is, as its transport or its login has proven it: asked once it is greeted, for each connection anew. */
  readonly identity: () => string;
  /** The peer is behind a relay that says this of it: its identity is asked later. */
  readonly handleRelayed?: (note: RelayNote) => void;
  /** How long a link waits for another connection, by what is under way on it. */
  readonly resumeForMs: (body: LinkBody, error: RexaError | null) => number;
  readonly keepaliveMs?: number | undefined;
  /** Null or absent where the system does not report it. */
  readonly peerProcess?: PeerProcess | null;
  /** This connection carries another link on, from its next frame on: that one's peer is who has just been proven. */
  readonly handleMoved?: (to: Link) => void;
}

/**
 * A daemon's link over a connection that was accepted. Where the peer can resume, the link may wait for another connection
 * once it has lost this one; and where the connection turns out to be for a link that is there already, it goes to that one
 * (`movedTo`), and this one is over.
 */
export function acceptLink(
  transport: Transport,
  greeting: Extract<Greeting, { role: 'daemon' }>,
  options: AcceptOptions,
): Link {
  noteRead(GREETING_GARBAGE_BYTES);
  const { registry, identity, resumeForMs, keptBudget, holder, keepaliveMs = KEEPALIVE_MS } = options;
  const replay = createReplay({ keptBudget, holder });
  const core = createLinkCore('daemon', options.processBudget, replay, options.intake);
  /** The link that the connection says it is for, and what it was asked with. */
  let claim: LinkClaim | null = null;
  let challenge = { nonce: '', atMs: 0 };
  let entry: LinkEntry | null = null;
  let isRelayed = false;

  const body = createLinkBody(
    core,
    {
      handleGreeting,
      handleLoss(error) {
        if (entry === null || entry.clientProcess?.isGone()) return false;
        registry.wait(entry, resumeForMs(body, error));
        return true;
      },
      handleOver() {
        if (entry !== null) registry.bury(entry);
      },
      isWorn: () => false,
    },
    keepaliveMs,
  );

  function handleGreeting(connection: Connection, event: ConnectionEvent): void {
    try {
      if (event.kind === 'greeted') handleHello(connection, event);
      if (event.kind === 'relayed') handleRelayed(event.note);
      if (event.kind === 'attach') handleAttach(connection, event.attach);
    } catch (error) {
      if (!(error instanceof RexaError)) throw error;
      connection.machine.leave(error);
    }
  }

  function handleRelayed(note: RelayNote): void {
    isRelayed = true;
    options.handleRelayed?.(note);
  }

  /**
   * Returns the peer's process if it is the client itself, and no relay or forwarder for one that may connect again: then
   * nobody can resume the link once it has ended.
   */
  function findClientProcess({ pid }: LinkClaim): PeerProcess | null {
    const { peerProcess = null } = options;
    return !isRelayed && peerProcess?.pid === pid ? peerProcess : null;
  }

  /** @throws RexaError LINK_UNKNOWN */
  function handleHello(
    connection: Connection,
    { peer, link }: Extract<ConnectionEvent, { kind: 'greeted' }>,
  ) {
    claim = link;
    if (claim === null) {
      core.forgetReplay();
      body.noteGreeted(peer);
      return connection.machine.carry(core);
    }
    if (claim.epoch > 1) {
      challenge = { nonce: createNonce(), atMs: performance.now() };
      connection.machine.challenge(challenge.nonce);
    } else {
      found(claim);
      connection.machine.carry(core);
    }
    body.noteGreeted(peer);
  }

  /** The link begins here. @throws RexaError LINK_UNKNOWN when there is one of its id, or was */
  function found(begun: LinkClaim): void {
    const { id, epoch } = begun;
    const secret = secretOf(transport, begun);
    entry = { id, body, identity: identity(), secret, epoch, clientProcess: findClientProcess(begun) };
    if (registry.enter(entry)) return body.startTending();
    entry = null;
    throw new RexaError('LINK_UNKNOWN', [id, 'another one has this id']);
  }

  /** @throws RexaError LINK_UNKNOWN */
  function handleAttach(connection: Connection, attach: Attach): void {
    if (claim === null || attach.epoch !== claim.epoch)
      throw new RexaError('LINK_UNKNOWN', [claim?.id ?? '', 'hello and attach do not agree']);
    // The age was taken after the challenge, however long it was under way: the link can't be older than this.
    const bornAtMs = challenge.atMs - attach.ageMs * CLOCK_DRIFT - 1;
    const known = registry.find(claim.id, bornAtMs);
    // Whose link it is, nobody else learns.
    if (known.kind === 'forgotten' || (known.kind === 'known' && known.entry.identity !== identity()))
      return answer(connection, { verdict: 'forgotten', received: 0 });
    if (known.kind === 'known') {
      const { entry: old } = known;
      if (claim.epoch <= old.epoch)
        throw new RexaError('LINK_UNKNOWN', [claim.id, 'a later connection carries it']);
      if (isProven(old, claim, attach)) return carryOn(connection, old, claim, attach);
      if (!isBlank(old.body)) throw new RexaError('LINK_UNKNOWN', [claim.id, 'the proof is wrong']);
      // Nothing has come over it, perhaps not even our answer: it is founded anew, with the secret of this connection.
      old.body.giveUp(new RexaError('LINK_UNKNOWN', [claim.id, 'another connection has taken its place']));
      registry.forget(old);
    }
    found(claim);
    answer(connection, { verdict: 'never-seen', received: 0 });
    connection.machine.carry(core);
  }

  function isProven({ secret }: LinkEntry, { id, epoch, ...rest }: LinkClaim, attach: Attach): boolean {
    const connectionSecret = secretOf(transport, { id, epoch, ...rest });
    const facts = { id, connectionSecret, nonce: challenge.nonce, epoch, received: attach.received };
    return isProof(secret, facts, attach.proof);
  }

  function carryOn(connection: Connection, old: LinkEntry, claimed: LinkClaim, attach: Attach): void {
    // From here on the old connection is not heard any more: what is counted stays so.
    old.epoch = claimed.epoch;
    old.clientProcess = findClientProcess(claimed);
    old.body.detach();
    registry.stopWaiting(old);
    body.moveTo(old.body.link);
    options.handleMoved?.(old.body.link);
    answer(connection, { verdict: 'attached', received: old.body.core.received });
    try {
      old.body.reattach(connection, attach.received);
    } catch (error) {
      connection.machine.leave(error as RexaError);
      old.body.giveUp(error as RexaError);
    }
  }

  function answer(connection: Connection, attached: Attached): void {
    connection.machine.answer(attached);
  }

  body.begin(openConnection(transport, { ...greeting, resumes: true }, null, body.owner, options));
  return body.link;
}

/** What a greeting leaves to the collector, about: crowds that come at once make no heap that stays. */
const GREETING_GARBAGE_BYTES = 256 * 1024;

/** What the clock of a client may be slower by than ours. */
const CLOCK_DRIFT = 1.001;

function isBlank({ core }: LinkBody): boolean {
  return core.received === 0 && core.keptBytes === 0;
}

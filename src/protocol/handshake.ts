import { FRAME_TYPE, type Frame, LINK } from '../framing/frame.ts';
import { type ControlName, encodeControl, type JsonObject } from './control.ts';
import { RexaError } from './errors.ts';
import { answerHello, clientHello, type Greeting, type PeerInfo, readDaemonHello } from './hello.ts';
import {
  type Attach,
  type Attached,
  type LinkClaim,
  readAttach,
  readAttached,
  readChallenge,
} from './link-claim.ts';
import { type Login, readChoice, readProof, type Verdict } from './login.ts';
import { type RelayNote, readRelayNote } from './relay.ts';

/** What the driver of a handshake has to do after a frame. */
export type HandshakeEvent =
  /** `link`, at the daemon: the link that the client names; null if the link ends with the connection. */
  | { readonly kind: 'greeted'; readonly peer: PeerInfo; readonly link: LinkClaim | null }
  /** Daemon: the client is connected through a relay of this user. */
  | { readonly kind: 'relayed'; readonly note: RelayNote }
  /** Daemon: validate this login; null if the hello has none. */
  | { readonly kind: 'login'; readonly login: Login | null }
  /** Client: prove the key of this offer. */
  | { readonly kind: 'chosen'; readonly offer: number }
  /** Client: prove ownership of the link with this nonce. */
  | { readonly kind: 'challenged'; readonly nonce: string }
  /** Daemon: validate this proof of ownership. */
  | { readonly kind: 'attach'; readonly attach: Attach }
  /** Client: the daemon's answer to the attach. */
  | { readonly kind: 'attached'; readonly attached: Attached };

/** The handshake of a connection: hellos, login and reattachment; docs/protocol.md, 3 and 8. */
export interface Handshake {
  /** Handles the peer's next frame. @throws RexaError CONTROL_WRONG_SHAPE, PROTOCOL_MISMATCH, FRAME_MISPLACED */
  handleMessage(name: HandshakeFrame, message: JsonObject): HandshakeEvent;
  /** Daemon: applies the decision on the login; returns null if a proof is needed next. */
  decide(verdict: Verdict): Extract<HandshakeEvent, { kind: 'greeted' }> | null;
  /** Client: sends the proof for the chosen offer, an SSHSIG in base64. */
  prove(proof: string): void;
  /** Daemon: challenges the client to prove ownership of the link. */
  challenge(nonce: string): void;
  /** Client: answers the challenge. */
  attach(attach: Attach): void;
  /** Daemon: answers the attach. */
  answer(attached: Attached): void;
  /** Returns the next frame to send; null if there is none. */
  pollFrame(): Frame | null;
}

export type HandshakeFrame = Extract<
  ControlName,
  'hello' | 'choose' | 'proof' | 'challenge' | 'attach' | 'attached' | 'relay'
>;

const NAMES: ReadonlyMap<number, HandshakeFrame> = new Map(
  (['hello', 'choose', 'proof', 'challenge', 'attach', 'attached', 'relay'] as const).map((name) => [
    FRAME_TYPE[name],
    name,
  ]),
);

/** Returns the name of a handshake frame; null for all other frames. */
export function handshakeFrame(frame: Frame): HandshakeFrame | null {
  return frame.channel === LINK ? (NAMES.get(frame.type) ?? null) : null;
}

export function createHandshake(greeting: Greeting): Handshake {
  return greeting.role === 'client' ? createClientHandshake(greeting) : createDaemonHandshake(greeting);
}

function createClientHandshake(greeting: Extract<Greeting, { role: 'client' }>): Handshake {
  const { login, link } = greeting;
  const frames = encodeControl('hello', LINK, clientHello(greeting));
  let mayChoose = login !== undefined && 'offers' in login;
  /** The reattachment frame that is expected next. */
  let awaited: 'nothing' | 'challenge' | 'attached' = 'nothing';

  function readChosen(message: JsonObject): number {
    const offer = readChoice(message);
    const offers = login !== undefined && 'offers' in login ? login.offers.length : 0;
    if (!mayChoose || offer >= offers) throw misplaced('choose', `there is no offer ${offer} to choose`);
    mayChoose = false;
    return offer;
  }

  function handleHello(message: JsonObject): HandshakeEvent {
    const peer = readDaemonHello(message, greeting);
    if (link !== undefined && link.epoch > 1) awaited = 'challenge';
    return { kind: 'greeted', peer, link: null };
  }

  function takeTurn(name: 'challenge' | 'attached'): void {
    if (awaited !== name) throw misplaced(name, 'none was asked for');
    awaited = 'nothing';
  }

  return {
    handleMessage(name, message) {
      switch (name) {
        case 'hello':
          return handleHello(message);
        case 'choose':
          return { kind: 'chosen', offer: readChosen(message) };
        case 'challenge':
          takeTurn(name);
          return { kind: 'challenged', nonce: readChallenge(message) };
        case 'attached':
          takeTurn(name);
          return { kind: 'attached', attached: readAttached(message) };
        default:
          throw misplaced(name, 'only a client proves');
      }
    },
    decide: () => null,
    prove: (proof) => void frames.push(...encodeControl('proof', LINK, { proof })),
    challenge() {},
    attach(attach) {
      awaited = 'attached';
      frames.push(...encodeControl('attach', LINK, { ...attach }));
    },
    answer() {},
    pollFrame: () => frames.shift() ?? null,
  };
}

function createDaemonHandshake(greeting: Extract<Greeting, { role: 'daemon' }>): Handshake {
  const frames: Frame[] = [];
  let peer: PeerInfo | null = null;
  let answer: JsonObject = {};
  let login: Login | null = null;
  let link: LinkClaim | null = null;
  /** The index of the offer that the client has to prove. */
  let chosen: number | null = null;
  let isChallenged = false;
  let isRelayed = false;

  function admit(known: PeerInfo): Extract<HandshakeEvent, { kind: 'greeted' }> {
    frames.push(...encodeControl('hello', LINK, answer));
    return { kind: 'greeted', peer: known, link };
  }

  function handleHello(message: JsonObject): HandshakeEvent {
    if (peer !== null) throw misplaced('hello', 'one was here before');
    const said = answerHello(message, greeting);
    ({ peer, answer, login, link } = said);
    return greeting.asksLogin === true ? { kind: 'login', login } : admit(peer);
  }

  function handleRelay(message: JsonObject): HandshakeEvent {
    if (greeting.takesRelays !== true) throw misplaced('relay', 'none is taken here');
    if (isRelayed || peer !== null) throw misplaced('relay', 'it comes once, before the hello');
    isRelayed = true;
    return { kind: 'relayed', note: readRelayNote(message) };
  }

  /** Account and key are those of the hello, so that a proof cannot change what was chosen. */
  function handleProof(message: JsonObject): HandshakeEvent {
    const proof = readProof(message);
    if (login === null || !('offers' in login) || chosen === null)
      throw misplaced('proof', 'none was asked for');
    const key = login.offers[chosen] ?? '';
    chosen = null;
    login = { account: login.account, key, proof };
    return { kind: 'login', login };
  }

  function handleAttach(message: JsonObject): HandshakeEvent {
    if (!isChallenged) throw misplaced('attach', 'none was asked for');
    isChallenged = false;
    return { kind: 'attach', attach: readAttach(message) };
  }

  return {
    handleMessage(name, message) {
      if (name === 'hello') return handleHello(message);
      if (name === 'relay') return handleRelay(message);
      if (name === 'proof') return handleProof(message);
      if (name === 'attach') return handleAttach(message);
      throw misplaced(name, 'only a daemon says that');
    },
    decide(verdict) {
      if (peer === null) return null;
      if (verdict.kind === 'admitted') return admit(peer);
      chosen = verdict.offer;
      frames.push(...encodeControl('choose', LINK, { offer: verdict.offer }));
      return null;
    },
    prove() {},
    challenge(nonce) {
      isChallenged = true;
      frames.push(...encodeControl('challenge', LINK, { nonce }));
    },
    attach() {},
    answer: (attached) => void frames.push(...encodeControl('attached', LINK, { ...attached })),
    pollFrame: () => frames.shift() ?? null,
  };
}

function misplaced(name: HandshakeFrame, why: string): RexaError {
  return new RexaError('FRAME_MISPLACED', [name, why]);
}

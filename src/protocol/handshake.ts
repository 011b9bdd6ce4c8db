import { FRAME_TYPE, type Frame, LINK } from '../framing/frame.ts';
import { type ControlName, encodeControl, type JsonObject } from './control.ts';
import { RexaError } from './errors.ts';
import { answerHello, clientHello, type Greeting, type PeerInfo, readDaemonHello } from './hello.ts';
import { type Login, readChoice, readProof, type Verdict } from './login.ts';

/** What a frame of the handshake asks of whoever drives it. */
export type HandshakeEvent =
  | { readonly kind: 'greeted'; readonly peer: PeerInfo }
  /** Daemon: judge this; null when the client named nobody. */
  | { readonly kind: 'login'; readonly login: Login | null }
  /** Client: prove this offer. */
  | { readonly kind: 'chosen'; readonly offer: number };

/** Both hellos, and the login between them where the daemon asks for one; docs/protocol.md, 3. */
export interface Handshake {
  /** Takes the peer's next frame. @throws RexaError CONTROL_WRONG_SHAPE, PROTOCOL_MISMATCH, FRAME_MISPLACED */
  handleMessage(name: HandshakeFrame, message: JsonObject): HandshakeEvent;
  /** Daemon: what became of the login that is being judged; null when a proof is awaited now. */
  decide(verdict: Verdict): PeerInfo | null;
  /** Client: the proof of the offer that was chosen, an SSHSIG in base64. */
  prove(proof: string): void;
  /** The next frame to send. */
  pollFrame(): Frame | null;
}

export type HandshakeFrame = Extract<ControlName, 'hello' | 'choose' | 'proof'>;

const NAMES: ReadonlyMap<number, HandshakeFrame> = new Map([
  [FRAME_TYPE.hello, 'hello'],
  [FRAME_TYPE.choose, 'choose'],
  [FRAME_TYPE.proof, 'proof'],
]);

/** Which frame of the handshake this is; null for all others. */
export function handshakeFrame(frame: Frame): HandshakeFrame | null {
  return frame.channel === LINK ? (NAMES.get(frame.type) ?? null) : null;
}

export function createHandshake(greeting: Greeting): Handshake {
  return greeting.role === 'client' ? createClientHandshake(greeting) : createDaemonHandshake(greeting);
}

function createClientHandshake({ agent, login }: Extract<Greeting, { role: 'client' }>): Handshake {
  const frames = encodeControl('hello', LINK, clientHello(agent, login));
  let mayChoose = login !== undefined && 'offers' in login;

  function readChosen(message: JsonObject): number {
    const offer = readChoice(message);
    const offers = login !== undefined && 'offers' in login ? login.offers.length : 0;
    if (!mayChoose || offer >= offers) throw misplaced('choose', `there is no offer ${offer} to choose`);
    mayChoose = false;
    return offer;
  }

  return {
    handleMessage(name, message) {
      if (name === 'hello') return { kind: 'greeted', peer: readDaemonHello(message, agent) };
      if (name === 'choose') return { kind: 'chosen', offer: readChosen(message) };
      throw misplaced(name, 'only a client proves');
    },
    decide: () => null,
    prove: (proof) => void frames.push(...encodeControl('proof', LINK, { proof })),
    pollFrame: () => frames.shift() ?? null,
  };
}

function createDaemonHandshake(greeting: Extract<Greeting, { role: 'daemon' }>): Handshake {
  const frames: Frame[] = [];
  let peer: PeerInfo | null = null;
  let answer: JsonObject = {};
  let login: Login | null = null;
  /** The offer that is to be proven. */
  let chosen: number | null = null;

  function admit(known: PeerInfo): PeerInfo {
    frames.push(...encodeControl('hello', LINK, answer));
    return known;
  }

  function handleHello(message: JsonObject): HandshakeEvent {
    if (peer !== null) throw misplaced('hello', 'one was here before');
    const said = answerHello(message, greeting.agent, greeting.encoding);
    ({ peer, answer, login } = said);
    return greeting.asksLogin === true ? { kind: 'login', login } : { kind: 'greeted', peer: admit(peer) };
  }

  /** The account and the key are those of the hello: what was chosen can't be changed by proving something else. */
  function handleProof(message: JsonObject): HandshakeEvent {
    const proof = readProof(message);
    if (login === null || !('offers' in login) || chosen === null)
      throw misplaced('proof', 'none was asked for');
    const key = login.offers[chosen] ?? '';
    chosen = null;
    login = { account: login.account, key, proof };
    return { kind: 'login', login };
  }

  return {
    handleMessage(name, message) {
      if (name === 'hello') return handleHello(message);
      if (name === 'proof') return handleProof(message);
      throw misplaced(name, 'only a daemon chooses');
    },
    decide(verdict) {
      if (peer === null) return null;
      if (verdict.kind === 'admitted') return admit(peer);
      chosen = verdict.offer;
      frames.push(...encodeControl('choose', LINK, { offer: verdict.offer }));
      return null;
    },
    prove() {},
    pollFrame: () => frames.shift() ?? null,
  };
}

function misplaced(name: HandshakeFrame, why: string): RexaError {
  return new RexaError('FRAME_MISPLACED', [name, why]);
}

import type { Readable, Writable } from 'node:stream';
import type { Principal } from '../auth/principal.ts';
import type { ChannelEnd } from '../link/channel.ts';
import type { JsonObject } from '../protocol/control.ts';

/** One request, and who asks for it at this moment. */
export interface Call<Caller = Principal> {
  readonly channel: CallChannel;
  /** Asked for anew at each decision: a link may get another connection, with another login. */
  readonly principal: Caller;
  /** The keys of this host, as they are proven on the connection of this moment. Absent where it has none to prove. */
  readonly hostKeys?: ShownHostKeys | undefined;
  /**
   * Opens a channel to the client, which has to have granted it. Absent where a client serves nothing.
   * @throws RexaError CLOSED, CHANNELS_EXHAUSTED
   */
  open?(request: JsonObject, receive: readonly number[]): CallChannel;
}

/** A key of a host in base64, and a proof that the host has it, if that was asked for. */
export interface ShownHostKey {
  readonly key: string;
  readonly proof?: string;
}

/** The keys of a host, for the client of one connection. */
export interface ShownHostKeys {
  /** The served one first. */
  readonly fingerprints: readonly string[];
  /** Returns all of them, with proofs of those that are not known by their fingerprints, nor served. */
  show(known: readonly string[]): Promise<ShownHostKey[]>;
}

/**
 * A request and what belongs to it: streams, messages, an end. A channel of a link is one; a conversation of Ready/Start
 * makes one of each of its lines.
 */
export interface CallChannel {
  readonly request: JsonObject;
  /** Nobody needs the request any more: its memory is free. */
  releaseRequest(): void;
  /** What the client sends on the stream of this number. */
  input(number: number): Readable;
  /** The stream of this number to the client. What is written to it is not changed afterwards. */
  output(number: number): Writable;
  /** What waits in each stream, in each direction: said before one of them is asked for. */
  limitBuffers(bytes: number): void;
  send(message: JsonObject): void;
  /** The client's next message; null when no more can come. */
  nextMessage(): Promise<JsonObject | null>;
  /** Sends the last word, behind everything written on the streams. */
  close(last: JsonObject): void;
  /** Sends the last word at once; what was written and not sent is thrown away. */
  abort(last: JsonObject): void;
  /** Resolves once, never rejects. */
  readonly ended: Promise<ChannelEnd>;
  /** Set where its client cannot ask again after a loss: nothing need be remembered for that. */
  readonly isOnce?: true;
}

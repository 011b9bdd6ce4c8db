/** One end of a file transfer: a sender or a receiver, which works whenever it is called and waits for nothing itself. */
export interface TransferEnd {
  /**
   * Takes bytes of the other end, one call after the other. It waits while its answers are not taken by `produce`.
   * @returns undefined: it is done with them @throws RexaError FILES_PROTOCOL
   */
  receive(bytes: Uint8Array): Promise<void> | undefined;
  /** Works for a moment, and returns what goes to the other end; nothing is changed in it afterwards. */
  produce(): readonly Uint8Array[];
  /** `busy`: `produce` has more to do. `waiting`: it needs bytes of the other end. `done`: the transfer is complete. */
  readonly state: 'busy' | 'waiting' | 'done';
  /** Calls this when something else than bytes of the other end has changed the state. */
  onWake?(wake: () => void): void;
  /** The transfer is over, complete or not. Closes what is open: at once, or when this and a running `receive` resolve. */
  close(): Promise<void> | void;
}

/** A file that one end has read or written whole, for the audit. */
export interface TransferredFile {
  readonly kind: 'file' | 'special';
  readonly path: string;
  readonly size: number;
  /** Of its data; a hole of N bytes counts as the text `hole N` and a newline. */
  readonly sha256: string;
}

/** What one end has done with an entry, for the audit. Paths are byte text. */
export type TransferAct =
  | TransferredFile
  /** A part of a file was read and sent, or was written and is left: in place, or under the name of an incomplete file. */
  | { readonly kind: 'partial'; readonly path: string; readonly size: number }
  /** Its hash was sent, before its data was asked for. */
  | { readonly kind: 'hashed'; readonly path: string; readonly sha256: string }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  /** A folder that was listed, or made; another name of a file; what was removed; or got the attributes of the source. */
  | { readonly kind: 'folder' | 'hardlink' | 'deleted' | 'attributes'; readonly path: string };

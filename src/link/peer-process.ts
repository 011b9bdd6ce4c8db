/** The process that has the other end of a connection, as the system reports it. */
export interface PeerProcess {
  readonly pid: number;
  /** It has ended, or is ending. */
  isGone(): boolean;
}

/** In the environment of a process that shares a connection in the background: the descriptor that it is told on what to do. */
export const SHARE_MARK = 'REXA_SHARE_DESCRIPTOR';

/** Whether this is that process. */
export function isSharer(): boolean {
  return process.env[SHARE_MARK] !== undefined;
}

/** In the environment of the process that goes on behind `-f`: the descriptor that it says on that it has logged in. */
export const BACKGROUND_MARK = 'REXA_BACKGROUND_DESCRIPTOR';

/** Whether this is that process. */
export function isBehind(): boolean {
  return process.env[BACKGROUND_MARK] !== undefined;
}

/**
 * The process in /proc that was given our words and variables as its user wrote them: behind `-f` that is the one in
 * front, since Node could pass them on as text only. It lives until we have logged in.
 */
export function findGivenProcess(): string {
  return isBehind() ? `/proc/${process.ppid}` : '/proc/self';
}

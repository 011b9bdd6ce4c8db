/**
 * Leaves the session, the process group and the terminal of the caller (setsid(2)): a signal to its group does not reach this
 * process any more. Without effect where koffi, an optional dependency, cannot be used.
 */
export async function leaveSession(): Promise<void> {
  try {
    const { default: koffi } = await import('koffi');
    const setsid = koffi.load(null).func('int setsid()') as () => number;
    setsid();
  } catch {
    // It stays where it is, and ignores the signals of the terminal
  }
}

import fs from 'node:fs';

/** SIGHUP in the masks of /proc/self/status. */
const SIGHUP_BIT = 1n;

/**
 * What a SIGHUP of this process means, asked now: our controlling terminal is found before it is lost.
 * @returns whether the signal came because the terminal that we were started on was hung up; never for one who was told to
 * ignore that (nohup)
 */
export function watchTerminal(): () => boolean {
  const canHangUp = hasTerminal() && !isIgnored();
  return () => canHangUp && !hasTerminal();
}

/** The system opens it only for those who have one, and not once it is hung up. */
function hasTerminal(): boolean {
  try {
    const { O_RDWR, O_NOCTTY, O_NONBLOCK } = fs.constants;
    fs.closeSync(fs.openSync('/dev/tty', O_RDWR | O_NOCTTY | O_NONBLOCK));
    return true;
  } catch {
    return false;
  }
}

/** As we were started; it says nothing any more once there is a listener. */
function isIgnored(): boolean {
  try {
    const [, mask = '0'] =
      /^SigIgn:\s*([0-9a-f]+)$/m.exec(fs.readFileSync('/proc/self/status', 'utf8')) ?? [];
    return (BigInt(`0x${mask}`) & SIGHUP_BIT) !== 0n;
  } catch {
    return false;
  }
}

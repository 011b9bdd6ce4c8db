import type { OpenHost } from '../../../client/host.ts';

/** The one connection of a host for all of its tests. */
export interface HostConnection {
  /** The host; a failure to open it is remembered for the next call. @throws RexaError */
  open(): Promise<OpenHost>;
  /** A run on it was lost, or it is to be looked for again: the next `open` connects anew. */
  forget(): void;
  close(): Promise<void>;
}

/** @param connect opens the host once */
export function createConnection(connect: () => Promise<OpenHost>): HostConnection {
  let current: Promise<OpenHost> | null = null;
  const leave = async (opened: Promise<OpenHost> | null): Promise<void> => {
    try {
      await (await opened)?.close();
    } catch {
      // It was not reached, or is gone already
    }
  };
  return {
    open() {
      current ??= connect();
      return current;
    },
    forget() {
      void leave(current);
      current = null;
    },
    close: () => leave(current),
  };
}

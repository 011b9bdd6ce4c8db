/** A host is asked over a connection, and no answer comes while this process stands still. @throws TypeError */
export function execaCoreSync(): never {
  throw new TypeError('synchronous methods are not available on a remote host; use `await` with $ or execa');
}

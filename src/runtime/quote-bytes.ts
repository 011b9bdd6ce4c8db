/** Returns the first of what a peer sent, in quotes, as it is: messages show it safely. */
export function quoteBytes(bytes: Uint8Array, mostBytes: number): string {
  const text = Buffer.from(bytes.subarray(0, mostBytes)).toString('utf8');
  return `'${text}'${bytes.length > mostBytes ? '…' : ''}`;
}

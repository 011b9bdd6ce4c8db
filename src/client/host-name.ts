/** A HOST as it is written: `USER@` may stand before the address. */
export interface HostName {
  readonly address: string;
  readonly user: string | null;
}

/** Splits a HOST into user and address. A user in a URL belongs to the address. */
export function readHostName(text: string): HostName {
  const [, user, address] = /^([^@:/]+)@(.+)$/s.exec(text) ?? [];
  return user === undefined || address === undefined ? { address: text, user: null } : { address, user };
}

/** Returns whether the user that a client asks for is the account. As in sshd, `USER:STYLE` asks for USER; empty: for any. */
export function namesAccount(asked: string, account: string): boolean {
  const [user = ''] = asked.split(':', 1);
  return asked === '' || user === account;
}

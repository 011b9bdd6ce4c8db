/** The socket of the ssh-agent to ask; null: none. @param chosen null: none; undefined: `$SSH_AUTH_SOCK` */
export function chooseAgent(chosen: string | null | undefined = process.env['SSH_AUTH_SOCK']): string | null {
  return chosen === undefined || chosen === '' ? null : chosen;
}

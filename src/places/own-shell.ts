/** Returns the shell of this user, for a command line: `$SHELL`, unless that is empty. */
export function ownShell(own: NodeJS.ProcessEnv = process.env): string {
  return own['SHELL'] || '/bin/sh';
}

/** Variables that describe the account; sshd(8) sets them after those that the client sends. */
export const ACCOUNT_VARIABLES: readonly string[] = ['HOME', 'LOGNAME', 'MAIL', 'PATH', 'SHELL', 'USER'];

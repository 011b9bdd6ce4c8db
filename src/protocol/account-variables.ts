/** What the account of a host says of itself: sshd(8) sets it behind what a client sends. */
export const ACCOUNT_VARIABLES: readonly string[] = ['HOME', 'LOGNAME', 'MAIL', 'PATH', 'SHELL', 'USER'];

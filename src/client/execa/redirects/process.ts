/** The `process` of a host that is not known yet: nothing of this process's own goes along. */
// biome-ignore lint/style/noDefaultExport: execa imports it so
export default { env: {}, platform: 'linux' };
/** The node that the PATH of the host has. */
export const execPath = 'node';
export const execArgv: readonly string[] = [];

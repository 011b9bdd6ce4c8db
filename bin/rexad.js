// Without a listener Node would listen for a debugger.
process.on('SIGUSR1', function ignore() {});
require('./start.js')('rexad', '../dist/daemon/main.js', 1);

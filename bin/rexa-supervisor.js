// Without a listener Node would listen for a debugger.
process.on('SIGUSR1', function ignore() {});
require('./start.js')('rexa-supervisor', '../dist/supervisor/main.js', 1);

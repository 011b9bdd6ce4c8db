// Without a listener Node would listen for a debugger. Where nothing else is meant by it, the signal ends us.
process.on('SIGUSR1', function endByDefault(signal) {
  if (process.listenerCount(signal) > 1) return;
  process.removeListener(signal, endByDefault);
  process.kill(process.pid, signal);
});
require('./start.js')('rexa', '../dist/cli/main.cjs', 125);

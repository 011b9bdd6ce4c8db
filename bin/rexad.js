require('./start.js')('rexad', '../dist/daemon/main.js', 1);

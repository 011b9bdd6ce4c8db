require('./start.js')('rexa-supervisor', '../dist/supervisor/main.js', 1);

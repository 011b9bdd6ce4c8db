require('./start.js')('rexa-keeper', '../dist/keeper/main.js', 1);

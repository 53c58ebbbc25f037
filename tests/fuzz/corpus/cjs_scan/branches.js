'use strict';
if (process.env.NODE_ENV === 'production') { module.exports = require('./p'); } else { module.exports = require('./d'); }
process.env.NODE_ENV !== "production" ? exports.a = `x${{ y: `z${1}` }}` : require("q");
"production" !== process.env["NODE_ENV"] && (function () { exports.b = /[/}]/ })();
if (process.env.NODE_ENV == 'test' || x) for (;;) exports.c = 1; else if (y) exports.d = 2

Object.defineProperty(exports, "__esModule", { value: true });
var _foo = _interopRequireWildcard(require("foo"));
Object.keys(_foo).forEach(function (key) { if (key === "default") return; exports[key] = _foo[key]; });
Object.defineProperty(exports, "a", { enumerable: true, get: function () { return _foo.a; } });
__exportStar(require("bar"), exports); (0, t.__exportStar)(require("baz"), exports);
0 && (module.exports = { a, 'b': 1, ...require("c"), ...d, get e() {} });
({1:[function(require,module,exports){ require("in") }]});

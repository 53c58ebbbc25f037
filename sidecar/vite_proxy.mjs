// SPDX-License-Identifier: MIT

/*
 * `server.proxy` of a vite.config as data: which URLs another server answers. A `rewrite` is a function; nearly all
 * of them put another prefix in the place of one, and whether one does is found by asking it about sample paths. What
 * its text names is in them, so that it is seen if more is done to just that.
 */

const PREFIX = /\/(?:[\w~-]+(?:\/[\w~-]+)*)?/g;
const WORD = /[^\s'"`()[\]{}^$*+|,;\\]+/g; // of code, of a text, of a regular expression
const SENT = /^[!-~]*$/; // what may stand in a request's line
const SAMPLES_MAX = 20000; // a long function has more; it does more than replacing
const TAIL = '/orbiton';
const TAILS = ['', '/', '/a', '/a/', '/a/b/c.json', '/a?b=/c&d=1', '?a=b', '?A=B/', 'x/y', '1', '/42', '/42/a', '/a/42',
    '/a1/b22', '/Users/Me', '/a.php', '/A.html?b', '/index.html', '/%20/a', '/%C3%BC%2F',
    "/a-b_c.d~e!f$g'(h)*i+j,k;l=m:n@o&p"];

const prefixesIn = (text) => text.match(PREFIX) ?? [];

/** The begins of paths that a rule is for (first of all), or its `rewrite` speaks of; none ends with a slash. */
function prefixesOf(own, text) {
    return [...new Set([own, ...prefixesIn(text)].map((each) => each.replace(/\/$/, '')))];
}

/** What may come behind a prefix; a `rewrite` of this text is likely to tell some of it from the rest. */
function tailsOf(prefixes, text) {
    const words = new Set([...prefixes, ...text.match(WORD) ?? []]);
    return [...TAILS, ...[...words].flatMap((word) => {
        const path = word.startsWith('/') ? word : `/${word}`;
        return [word, path, `${path}/a`, `/a${path}`, `/a${word}`, `/a${word}1`, `?a=${word}`];
    })];
}

/** As a server gets it: with one slash at the begin, and between. */
const joined = (path) => `/${path}`.replace(/^[^?]*/, (text) => text.replace(/\/+/g, '/'));

/** What `rewrite` may be, by what it makes of one path: what is replaced ends before a slash, or behind it. */
function guessesOf(rewrite, prefix) {
    const path = prefix + TAIL;
    const made = joined(rewrite(path));
    return [TAIL, TAIL.slice(1), path].filter((kept) => made.endsWith(kept))
        .map((kept) => ({ strip: path.slice(0, -kept.length), add: made.slice(0, -kept.length) }))
        .filter(({ add }) => SENT.test(add));
}

/** What `rewrite` does, as { strip, add }; null if that is more than a prefix, or nothing that is seen. */
function rewriteOf(key, rewrite) {
    const text = String(rewrite).replaceAll('=>', '').replace(/\\(\W)/g, '$1');
    const pattern = key.startsWith('^');
    const own = pattern ? prefixesIn(key.slice(1).replaceAll('\\/', '/'))[0] ?? '' : key;
    const prefixes = prefixesOf(own, text);
    const tails = tailsOf(prefixes, text);
    if (prefixes.length * tails.length > SAMPLES_MAX) {
        return null;
    }
    try {
        const regexp = pattern && new RegExp(key);
        const fits = regexp ? (path) => regexp.test(path) || (own.length > 1 && path.startsWith(own))
            : (path) => path.startsWith(key);
        const paths = new Set(prefixes.flatMap((prefix) => tails.map((tail) => prefix + tail)).filter(fits));
        const samples = [...paths].map((path) => [path, joined(rewrite(path))]);
        const holds = ({ strip, add }) => samples.every(([path, made]) => (
            made === joined(path.startsWith(strip) ? add + path.slice(strip.length) : path)));
        if (samples.some(([path, made]) => made !== joined(path))) {
            return prefixes.flatMap((prefix) => guessesOf(rewrite, prefix)).find(holds) ?? null;
        }
    } catch {
        // It asks for more than a path.
    }
    return null;
}

/** A target as a text: "http://localhost:8080/base". */
function targetOf(target) {
    if (typeof target === 'string' || target instanceof URL) {
        return String(target);
    }
    const host = target?.hostname || target?.host;
    return host ? `${String(target.protocol || 'http').replace(/:.*/, '')}://${host}${target.port && !/:\d+$/.test(host)
        ? `:${target.port}` : ''}${target.path ?? ''}` : '';
}

const TAKEN = ['target', 'changeOrigin', 'ws', 'rewrite', 'headers', 'secure'];
const NAME = /^[!#$%&'*+.^_`|~\w-]+$/; // a token of RFC 9110
const CONTROL = /[\0-\x08\x0A-\x1F\x7F]/;
// Of one connection, or of how long a body is: these are made anew for each request (RFC 9110, 7.6.1).
const HOP = ['connection', 'content-length', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding',
    'upgrade'];

/** `headers` as lines, "Name: value\r\n" each; what is left out is said, but for Connection, which many have. */
function linesOf(headers, say) {
    const fields = Object.entries(headers ?? {})
        .flatMap(([name, value]) => [value].flat().map((each) => [name, String(each)]));
    const good = ([name, value]) => NAME.test(name) && !CONTROL.test(value) && !HOP.includes(name.toLowerCase());
    const wrong = new Set(fields.filter((each) => !good(each)).map(([name]) => name)
        .filter((name) => name.toLowerCase() !== 'connection'));
    if (wrong.size > 0) {
        say(`headers: ${[...wrong].map((name) => JSON.stringify(name)).join(', ')}: not taken`);
    }
    return fields.filter(good).map(([name, value]) => `${name}: ${value}\r\n`).join('');
}

/** One rule, or null; what is not taken of it is said in `notes`. */
function ruleOf(key, value, notes) {
    const options = typeof value === 'object' && value !== null && !(value instanceof URL) ? value
        : { target: value, changeOrigin: true };
    const target = targetOf(options.target);
    const say = (text) => notes.push(`server.proxy: ${key}: ${text}`);
    if (!/^(https?|wss?):\/\//.test(target)) {
        say(target ? `${target} is no target that is understood` : 'no target that is understood');
        return null;
    }
    if (/^(https|wss):/.test(target)) {
        say(`${target}: only http:// is spoken to targets, no TLS`);
    }
    const rewrite = typeof options.rewrite === 'function' ? rewriteOf(key, options.rewrite) : { strip: '', add: '' };
    if (!rewrite) {
        say('its rewrite was not seen to replace just the begin of a path; it is not called');
    }
    const others = Object.keys(options).filter((name) => options[name] !== undefined && options[name] !== false
        && !TAKEN.includes(name));
    if (others.length > 0) {
        say(`${others.join(', ')}: not taken`);
    }
    return {
        path: key,
        target,
        strip: rewrite?.strip || undefined,
        add: rewrite?.add || undefined,
        changeOrigin: Boolean(options.changeOrigin) || undefined,
        ws: Boolean(options.ws) || undefined,
        headers: linesOf(options.headers, say) || undefined,
    };
}

/** The rules of `server.proxy` in their order, which counts. */
export function proxiesOf(config, notes) {
    return Object.entries(config.server?.proxy ?? {}).filter(([, value]) => value)
        .map(([key, value]) => ruleOf(key, value, notes)).filter((rule) => rule);
}

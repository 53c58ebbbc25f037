// SPDX-License-Identifier: MIT

/*
 * `server.proxy` of a vite.config as data: which URLs another server answers. A `rewrite` is a function; nearly all
 * of them put another prefix in the place of one, and whether one does is found by asking it.
 */

const PREFIX = /\/(?:[\w~-]+(?:\\?\/[\w~-]+)*)?/g;
const TAILS = ['/', '/a', '/a/b/c.json', '/a?b=/c&d=1', '?a=b', 'x/y', '/%20/a', ''];

/** The begins of paths that a rule is for, or its `rewrite` speaks of. */
function prefixesOf(key, rewrite) {
    const plain = (text) => text.replaceAll('\\/', '/').match(PREFIX) ?? [];
    const own = key.startsWith('^') ? plain(key.slice(1))[0] : key;
    return [...new Set([own, ...plain(String(rewrite).replaceAll('=>', ''))])].filter((each) => each);
}

/** As a server gets it: with one slash at the begin, and between. */
const joined = (path) => `/${path}`.replace(/^[^?]*/, (text) => text.replace(/\/+/g, '/'));

/** `rewrite` as { strip, add } for paths that begin with `prefix`, if it is that; else null. */
function prefixRule(rewrite, prefix) {
    const tail = '/orbiton';
    const made = rewrite(prefix + tail);
    const paths = [...TAILS, prefix, `/a${prefix}`].map((each) => prefix + each);
    // What is replaced ends before the slash, or behind it.
    for (const kept of [tail, tail.slice(1), prefix + tail]) {
        const strip = (prefix + tail).slice(0, prefix.length + tail.length - kept.length);
        const add = made.slice(0, made.length - kept.length);
        const becomes = (path) => (path.startsWith(strip) ? add + path.slice(strip.length) : path);
        if (made.endsWith(kept) && paths.every((path) => joined(becomes(path)) === joined(rewrite(path)))) {
            return { strip, add };
        }
    }
    return null;
}

/** What `rewrite` does, as { strip, add }; null if that is more than a prefix. */
function rewriteOf(key, rewrite) {
    try {
        for (const prefix of prefixesOf(key, rewrite)) {
            const rule = prefixRule(rewrite, prefix.replace(/\/$/, ''));
            if (rule && (prefix === key || rule.strip !== rule.add)) {
                return rule;
            }
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
    return target?.host ? `${target.protocol ?? 'http:'}//${target.host}${target.port && !/:\d+$/.test(target.host)
        ? `:${target.port}` : ''}${target.path ?? ''}` : '';
}

const TAKEN = ['target', 'changeOrigin', 'ws', 'rewrite', 'headers', 'secure'];
const NAME = /^[!#$%&'*+.^_`|~\w-]+$/;

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
        say('its rewrite does more than replacing the begin of a path; it is not called');
    }
    const others = Object.keys(options).filter((name) => options[name] !== undefined && options[name] !== false
        && !TAKEN.includes(name));
    if (others.length > 0) {
        say(`${others.join(', ')}: not taken`);
    }
    const headers = Object.entries(options.headers ?? {}).flatMap(([name, value]) => [value].flat()
        .map((each) => [name, String(each)])).filter(([name, value]) => NAME.test(name) && !/[\0\r\n]/.test(value));
    return {
        path: key,
        target,
        strip: rewrite?.strip || undefined,
        add: rewrite?.add || undefined,
        changeOrigin: Boolean(options.changeOrigin) || undefined,
        ws: Boolean(options.ws) || undefined,
        headers: headers.length > 0 ? headers.map(([name, value]) => `${name}: ${value}\r\n`).join('') : undefined,
    };
}

/** The rules of `server.proxy` in their order, which counts. */
export function proxiesOf(config, notes) {
    return Object.entries(config.server?.proxy ?? {}).filter(([, value]) => value)
        .map(([key, value]) => ruleOf(key, value, notes)).filter((rule) => rule);
}

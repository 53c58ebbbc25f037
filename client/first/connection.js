// SPDX-License-Identifier: MIT

/*
 * Part of client.js. The one connection: a WebSocket, or where a proxy refuses that, server-sent
 * events and POST. It comes back by itself, with a new token if need be; a hidden page waits.
 *
 * Invariant: a lost connection never reloads the page, and closes before the page is left, or it
 * would keep it out of the back/forward cache.
 */

const RETRY_MIN_MS = 50;
const RETRY_MAX_MS = 5000;
const OPEN_MS = 5000;

const OUTBOX_MAX = 100;

const outbox = []; // what modules send before there is a connection

let transport = null; // { send(text), close() } while it is open
let connecting = false;
let leaving = false;
let attempts = 0;
let retryTimer = 0;
let socketFailures = 0;
let useEvents = false;
let tokenIsFresh = tag.token !== '';

function send(message) {
    if (transport) {
        transport.send(JSON.stringify(message));
    }
}

async function connect() {
    clearTimeout(retryTimer);
    if (transport || connecting || leaving) {
        return;
    }
    connecting = true;
    let opened = null;
    const byEvents = useEvents;
    try {
        if (!tokenIsFresh) {
            await refreshToken();
        }
        tokenIsFresh = false;
        opened = byEvents ? await openEvents() : await openSocket();
    } catch {
        if (byEvents) {
            useEvents = false;
            socketFailures = 0;
        }
    }
    connecting = false;
    if (opened && leaving) {
        opened.close();
    } else if (opened) {
        transport = opened;
        told.clear();
        register(true);
        logs.splice(0).forEach(send);
        outbox.splice(0).forEach(send);
        notify();
    } else {
        notify();
        retry();
    }
}

function lose() {
    if (transport) {
        transport = null;
        notify();
        retry();
    }
}

function retry() {
    // A hidden tab waits until it is seen; wake() comes then.
    if (leaving || document.hidden) {
        return;
    }
    const wait = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** attempts);
    attempts = Math.min(attempts + 1, 10);
    clearTimeout(retryTimer);
    retryTimer = setTimeout(connect, wait * (0.5 + Math.random() / 2));
}

function wake() {
    leaving = false;
    attempts = 0;
    connect();
}

// A restarted server has a new token. Asking for it first also keeps the console quiet: while
// the server is away there is one failed request per attempt, and no failed WebSocket.
async function refreshToken() {
    let response;
    try {
        response = await fetch('/__orbit/token', { cache: 'no-store' });
    } catch (error) {
        socketFailures = 0;
        throw error;
    }
    if (response.ok) {
        const answer = await response.json();
        orbit.token = String(answer.token || '');
    }
}

function openSocket() {
    return new Promise((resolve, reject) => {
        const scheme = location.protocol === 'https:' ? 'wss://' : 'ws://';
        const query = '?token=' + encodeURIComponent(orbit.token);
        const socket = new WebSocket(scheme + location.host + '/__orbit/ws' + query);
        const watchdog = setTimeout(() => socket.close(), OPEN_MS);
        let opened = null;
        socket.onopen = () => {
            clearTimeout(watchdog);
            socketFailures = 0;
            opened = { send: (text) => socket.send(text), close: () => socket.close() };
            resolve(opened);
        };
        socket.onmessage = (event) => receive(event.data);
        socket.onclose = () => {
            clearTimeout(watchdog);
            if (!opened) {
                socketFailures++;
                useEvents = socketFailures >= 2;
                reject(new Error('the WebSocket was refused'));
            } else if (transport === opened) {
                lose();
            }
        };
    });
}

// Where a proxy refuses upgrades: events down, POST up, in order.
function openEvents() {
    return new Promise((resolve, reject) => {
        const token = orbit.token;
        const events = new EventSource('/__orbit/events?token=' + encodeURIComponent(token));
        let opened = null;
        let sending = Promise.resolve();
        const end = () => {
            events.close();
            if (opened && transport === opened) {
                lose();
            }
            reject(new Error('the event stream ended'));
        };
        const watchdog = setTimeout(end, OPEN_MS);
        events.onerror = () => {
            clearTimeout(watchdog);
            end();
        };
        events.onmessage = (event) => {
            const message = parse(event.data);
            if (!opened && message && message.type === 'hello') {
                clearTimeout(watchdog);
                const url = '/__orbit/send?page=' + encodeURIComponent(message.page);
                const headers = { 'X-Orbit-Token': token, 'Content-Type': 'application/json' };
                const post = (body) => fetch(url, { method: 'POST', headers, body });
                opened = {
                    send: (text) => {
                        sending = sending.then(() => post(text)).then((response) => {
                            if (!response.ok) {
                                end();
                            }
                        }, end);
                    },
                    close: () => events.close(),
                };
                resolve(opened);
            }
            receive(event.data);
        };
    });
}

function parse(text) {
    try {
        const message = JSON.parse(text);
        return message && typeof message.type === 'string' ? message : null;
    } catch {
        return null;
    }
}

function post(message) {
    if (transport) {
        send(message);
    } else if (outbox.length < OUTBOX_MAX) {
        outbox.push(message);
    }
}

function notify() {
    if (session) {
        session.connectionChanged();
    } else if (!transport) {
        whenParsed(loadSession);
    }
}

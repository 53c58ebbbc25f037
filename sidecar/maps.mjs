// SPDX-License-Identifier: MIT

/*
 * Source maps, version 3, as far as the adapters need them: text put in front, maps behind one
 * another, and a map of a map. Mappings are decoded to lines of segments
 * [column, source, line, column, name]; a segment may end after the first or the fourth number.
 */

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function encodeNumber(value) {
    let rest = value < 0 ? ((-value << 1) | 1) >>> 0 : value << 1;
    let text = '';
    do {
        const digit = rest & 31;
        rest >>>= 5;
        text += DIGITS[rest > 0 ? digit | 32 : digit];
    } while (rest > 0);
    return text;
}

export function decodeMappings(text) {
    const last = [0, 0, 0, 0, 0];
    return text.split(';').map((line) => {
        last[0] = 0;
        return line.split(',').filter(Boolean).map((segment) => {
            const numbers = [];
            let value = 0;
            let shift = 0;
            for (const char of segment) {
                const digit = DIGITS.indexOf(char);
                value |= (digit & 31) << shift;
                shift += 5;
                if ((digit & 32) === 0) {
                    numbers.push(value & 1 ? -(value >>> 1) : value >>> 1);
                    value = 0;
                    shift = 0;
                }
            }
            return numbers.map((number, i) => (last[i] += number));
        });
    });
}

export function encodeMappings(lines) {
    const last = [0, 0, 0, 0, 0];
    return lines.map((line) => {
        last[0] = 0;
        return line.map((segment) => segment.map((number, i) => {
            const text = encodeNumber(number - last[i]);
            last[i] = number;
            return text;
        }).join('')).join(',');
    }).join(';');
}

/** A map as an object, whatever form a compiler gave it; null if it maps nothing. */
export function plainMap(map) {
    const plain = typeof map === 'string' ? JSON.parse(map) : map && JSON.parse(JSON.stringify(map));
    return plain && typeof plain.mappings === 'string' && /[^;]/.test(plain.mappings) ? plain : null;
}

/** The map with its one source named `name` and that source's text in it. */
export function nameSource(map, name, text) {
    return map && { ...map, sources: [name], sourcesContent: [text], sourceRoot: undefined };
}

/** The map of a text that got `columns` characters put in front of its first line. */
export function shiftMap(map, columns) {
    if (!map) {
        return null;
    }
    const lines = decodeMappings(map.mappings);
    lines[0].forEach((segment) => {
        segment[0] += columns;
    });
    return { ...map, mappings: encodeMappings(lines) };
}

/** The map of `texts` behind one another, each { code, map } ending in a line feed; all maps are of
 * the same one source. */
export function joinMaps(texts) {
    const lines = [];
    const first = texts.find(({ map }) => map)?.map;
    if (!first) {
        return null;
    }
    for (const { code, map } of texts) {
        const count = code.split('\n').length - 1;
        const own = map ? decodeMappings(map.mappings).slice(0, count) : [];
        for (let i = 0; i < count; i++) {
            lines.push((own[i] || []).map((segment) => segment.slice(0, 4)));
        }
    }
    return { ...first, names: [], mappings: encodeMappings(lines) };
}

/** The segment of a decoded line that a column belongs to: the last that begins at or before it. */
function segmentAt(line, column) {
    let low = 0;
    let high = line.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        if (line[middle][0] <= column) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low > 0 ? line[low - 1] : null;
}

/** `outer` maps a text to another one, which `inner` maps to the source: from the text to the source. */
export function composeMaps(outer, inner) {
    if (!outer || !inner) {
        return null;
    }
    const under = decodeMappings(inner.mappings);
    const lines = decodeMappings(outer.mappings).map((line) => line.flatMap((segment) => {
        const found = segment.length < 4 ? null : segmentAt(under[segment[2]] || [], segment[3]);
        return found && found.length >= 4 ? [[segment[0], found[1], found[2], found[3]]] : [];
    }));
    return { ...inner, names: [], mappings: encodeMappings(lines) };
}

// SPDX-License-Identifier: MIT

/*
 * Where a wasm module has trapped, by the DWARF line table that `clang -g` leaves in it (sections
 * 6.2 of DWARF 4 and 5): since generated C says #line, that is a place of the .orbit file. An
 * engine's stack names bytes of the file, the table those of the code section.
 *
 * Invariant: codeStart() and placeOfTrap() do not throw; a unit of the table that is not understood
 * has no places, and keeps none of those behind it from having theirs.
 */

import { Reader } from './bytes.js';

const CODE_SECTION = 10;
const SECTIONS_MAX = 1000;

/** Where the code section's content begins in the wasm file; 0 if it has none. */
export function codeStart(bytes) {
    try {
        const r = new Reader(bytes, 8);
        for (let i = 0; i < SECTIONS_MAX; i++) {
            const id = r.u8();
            const size = r.leb();
            if (id === CODE_SECTION) {
                return r.at;
            }
            r.skip(size);
        }
    } catch {
        // no wasm file, or no code
    }
    return 0;
}

const FORM = { data2: 0x05, string: 0x08, block: 0x09, data1: 0x0b, strp: 0x0e, udata: 0x0f,
    data16: 0x1e, lineStrp: 0x1f };
const CONTENT = { path: 1, directory: 2 };

function readForm(r, form, strings) {
    switch (form) {
        case FORM.string: return r.text();
        case FORM.lineStrp: return new Reader(strings('.debug_line_str'), r.u32()).text();
        case FORM.strp: return new Reader(strings('.debug_str'), r.u32()).text();
        case FORM.data1: return r.u8();
        case FORM.data2: return r.u16();
        case FORM.udata: return r.leb();
        case FORM.data16: r.skip(16); return '';
        case FORM.block: r.skip(r.leb()); return '';
        default: throw new RangeError('a form of a later DWARF');
    }
}

/** A list of DWARF 5: of folders, or of files. */
function readEntries(r, strings) {
    const formats = Array.from({ length: r.u8() }, () => [r.leb(), r.leb()]);
    const ret = [];
    const count = r.leb();
    if (count > r.left()) { // each has a byte at least
        throw new RangeError('more entries than bytes');
    }
    for (let i = 0; i < count && formats.length > 0; i++) {
        const entry = { path: '', directory: 0 };
        for (const [content, form] of formats) {
            const value = readForm(r, form, strings);
            if (content === CONTENT.path) {
                entry.path = value;
            } else if (content === CONTENT.directory) {
                entry.directory = value;
            }
        }
        ret.push(entry);
    }
    return ret;
}

/** The files of a unit by their numbers: paths as the compiler was given them. */
function readFiles(r, version, strings) {
    const join = (folder, name) => (folder && !name.startsWith('/') ? `${folder}/${name}` : name);
    if (version >= 5) {
        const folders = readEntries(r, strings);
        return readEntries(r, strings).map(({ path, directory }) =>
            join(directory > 0 ? folders[directory]?.path : '', path));
    }
    const folders = [''];
    for (let name = r.text(); name; name = r.text()) {
        folders.push(name);
    }
    const files = [''];
    for (let name = r.text(); name; name = r.text()) {
        files.push(join(folders[r.leb()], name));
        r.leb();
        r.leb();
    }
    return files;
}

/** Runs the line program of a unit: `row(address, file, line, col, isEnd)` for each of its rows. */
function runProgram(r, end, head, row) {
    const first = () => ({ address: 0, file: 1, line: 1, col: 0 });
    let s = first();
    const emit = (isEnd) => row(s.address, s.file, s.line, s.col, isEnd);
    while (r.at < end) {
        const op = r.u8();
        if (op >= head.opcodeBase) {
            s.address += Math.floor((op - head.opcodeBase) / head.lineRange) * head.minLength;
            s.line += head.lineBase + (op - head.opcodeBase) % head.lineRange;
            emit(false);
        } else if (op === 0) {
            const next = r.leb() + r.at;
            const kind = r.u8();
            if (kind === 1) {
                emit(true);
                s = first();
            } else if (kind === 2) {
                s.address = r.u32();
            }
            r.at = next;
        } else if (op === 1) {
            emit(false);
        } else if (op === 2) {
            s.address += r.leb() * head.minLength;
        } else if (op === 3) {
            s.line += r.leb(true);
        } else if (op === 4) {
            s.file = r.leb();
        } else if (op === 5) {
            s.col = r.leb();
        } else if (op === 8) {
            s.address += Math.floor((255 - head.opcodeBase) / head.lineRange) * head.minLength;
        } else if (op === 9) {
            s.address += r.u16();
        } else {
            for (let count = head.lengths[op - 1]; count > 0; count--) {
                r.leb();
            }
        }
    }
}

// What a person did not write: other headers, orbit.h, and what orbiton has made.
const isOwn = ([file]) => !/^\/|(^|\/)orbit\.h$|^build\/orbit\/|^\.\.\//.test(file) && file !== '';

/** Adds the rows of the unit that `r` has the bytes of, behind its length: { begin, end, place }. */
function readUnit(r, strings, rows) {
    const version = r.u16();
    if (version < 2 || version > 5) {
        return;
    }
    r.skip(version >= 5 ? 2 : 0); // sizes of addresses and of segments
    const begin = r.u32() + r.at;
    const head = { minLength: r.u8() };
    r.skip(version >= 4 ? 2 : 1); // operations of an instruction; is_stmt
    head.lineBase = r.u8() << 24 >> 24;
    head.lineRange = r.u8();
    head.opcodeBase = r.u8();
    head.lengths = Array.from({ length: head.opcodeBase - 1 }, () => r.u8());
    const files = readFiles(r, version, strings);
    let before = null; // the row before, of the same function
    let isCode = false; // a function that the linker has left out begins at 0
    r.at = begin;
    runProgram(r, r.end, head, (address, file, line, col, isEnd) => {
        isCode = before ? isCode : address > 0;
        if (isCode && before?.place && isOwn(before.place)) {
            rows.push({ begin: before.address, end: address, place: before.place });
        }
        // Line 0 is no place: what the line before became.
        const place = line > 0 ? [files[file] ?? '', line, Math.max(col, 1)] : before?.place;
        before = isEnd ? null : { address, place };
    });
}

/** The rows of a module's table that lead to what a person has written. */
function readTable(module) {
    const sections = new Map();
    const section = (name) => {
        if (!sections.has(name)) {
            sections.set(name, WebAssembly.Module.customSections(module, name)[0] ?? new ArrayBuffer(0));
        }
        return sections.get(name);
    };
    const r = new Reader(section('.debug_line'));
    const rows = [];
    while (r.left() > 4) {
        const unit = r.part(r.u32());
        try {
            readUnit(unit, section, rows);
        } catch {
            // What was read of it before stays.
        }
    }
    return rows;
}

const tables = new WeakMap(); /* by module: the rows of its table */

/** The rows of a module's table, which is read once. */
function rowsOf(module) {
    if (!tables.has(module)) {
        tables.set(module, []);
        tables.set(module, readTable(module));
    }
    return tables.get(module);
}

/**
 * "src/counter.orbit:12:5", or '' if the module has no table that says. `start` is what codeStart() gave
 * for the module's bytes.
 */
export function placeOfTrap(module, start, error) {
    try {
        const addresses = [...String(error.stack).matchAll(/wasm-function\[\d+\]:0x([0-9a-f]+)/g)]
            .map(([, hex]) => parseInt(hex, 16) - start);
        const rows = addresses.length > 0 ? rowsOf(module) : [];
        for (const address of addresses) {
            const row = rows.find(({ begin, end }) => begin <= address && address < end);
            if (row) {
                return row.place.join(':');
            }
        }
    } catch {
        // then nobody knows
    }
    return '';
}

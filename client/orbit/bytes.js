// SPDX-License-Identifier: MIT

/*
 * Reads the bytes of wasm and DWARF: numbers of fixed size, the lowest byte first, LEB128, and texts.
 *
 * Invariant: what lies past the end throws a RangeError, and so does what nobody writes.
 */

const LEB_SCALE_MAX = 2 ** 63; /* of the tenth byte: 64 bits are read */
const TEXT_MAX = 4096; /* bytes of a text, which is a path */

/** A cursor over an ArrayBuffer or a part of one. */
export class Reader {
    constructor(bytes, at = 0) {
        this.view = new DataView(bytes.buffer ?? bytes, bytes.byteOffset ?? 0, bytes.byteLength);
        this.end = bytes.byteLength;
        this.at = at;
    }

    left() {
        return this.end - this.at;
    }

    skip(count) {
        if (count > this.left()) {
            throw new RangeError('past the end');
        }
        this.at += count;
    }

    /** Another cursor over the next `count` bytes, or over what is left of them; this goes on behind. */
    part(count) {
        const size = Math.min(count, this.left());
        const ret = new Reader(new Uint8Array(this.view.buffer, this.view.byteOffset + this.at, size));
        this.at += size;
        return ret;
    }

    u8() {
        return this.view.getUint8(this.at++);
    }

    u16() {
        this.at += 2;
        return this.view.getUint16(this.at - 2, true);
    }

    u32() {
        this.at += 4;
        return this.view.getUint32(this.at - 4, true);
    }

    leb(isSigned = false) {
        let value = 0;
        for (let scale = 1, byte = 0x80; byte & 0x80; scale *= 128) {
            byte = this.u8();
            if (scale > LEB_SCALE_MAX) {
                throw new RangeError('a number that is too long');
            }
            value += (byte & 0x7f) * scale;
            if (isSigned && (byte & 0xc0) === 0x40) {
                value -= scale * 128;
            }
        }
        return value;
    }

    text() {
        const begin = this.at;
        while (this.u8() !== 0) {
            if (this.at - begin > TEXT_MAX) {
                throw new RangeError('a text that is too long');
            }
        }
        return new TextDecoder().decode(
            new Uint8Array(this.view.buffer, this.view.byteOffset + begin, this.at - begin - 1));
    }
}

/* SPDX-License-Identifier: MIT */
/* The answer to a Sec-WebSocket-Key (RFC 6455 section 4.2.2). */
#include <string.h>

#include <openssl/evp.h>

#include "ws/ws_frame.h"

enum { KEY_LEN = 24, DIGEST_LEN = 20 };

/* 16 bytes in base64: 22 digits and "==", the last digit without bits that belong to no byte. */
static bool is_key(struct str key)
{
    if (key.len != KEY_LEN || key.ptr[22] != '=' || key.ptr[23] != '=') {
        return false;
    }
    for (size_t i = 0; i < 22; i++) {
        char c = key.ptr[i];
        bool alnum = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');

        if (!alnum && c != '+' && c != '/') {
            return false;
        }
    }
    return key.ptr[21] == 'A' || key.ptr[21] == 'Q' || key.ptr[21] == 'g' || key.ptr[21] == 'w';
}

bool ws_accept_key(struct str key, char ret[WS_ACCEPT_LEN + 1])
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    char text[KEY_LEN + sizeof(guid) - 1];
    unsigned char digest[DIGEST_LEN];

    if (!is_key(key)) {
        return false;
    }
    memcpy(text, key.ptr, KEY_LEN);
    memcpy(text + KEY_LEN, guid, sizeof(guid) - 1);
    if (EVP_Digest(text, sizeof(text), digest, NULL, EVP_sha1(), NULL) != 1) {
        return false;
    }
    unsigned char encoded[WS_ACCEPT_LEN + 1];

    (void)EVP_EncodeBlock(encoded, digest, DIGEST_LEN); /* always 28 characters and a zero */
    memcpy(ret, encoded, sizeof(encoded));
    return true;
}

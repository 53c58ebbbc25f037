// SPDX-License-Identifier: MIT
// The browser client: see docs/protocol.md.

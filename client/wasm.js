// SPDX-License-Identifier: MIT

// What generated modules import to bring the components of a wasm file.
export * from './orbit/wasm.js';

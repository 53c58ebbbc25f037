// SPDX-License-Identifier: MIT

// The components' runtime under the name that generated modules and pages import.
export * from './orbit/runtime.js';

// SPDX-License-Identifier: MIT
//! The components are written by `orbiton` from the .orbit files beside this one.

#[path = "../target/orbit/mod.rs"]
pub mod components;

// SPDX-License-Identifier: MIT
//! A flower that grows a petal with every click. Change a colour or a formula
//! below and save: the page takes the new code and keeps its petals.

mod flower;

use std::sync::atomic::{AtomicU32, Ordering};

/// What the page must not lose when the code is exchanged.
static PETALS: AtomicU32 = AtomicU32::new(7);

// Functions of the page; see `page` in main.js.
#[link(wasm_import_module = "page")]
extern "C" {
    fn clear();
    fn dot(x: f32, y: f32, radius: f32, hue: f32);
    fn show_count(petals: u32);
}

#[no_mangle]
pub extern "C" fn draw() {
    let petals = PETALS.load(Ordering::Relaxed);

    unsafe { clear() };
    for seed in flower::seeds(petals) {
        unsafe { dot(seed.x, seed.y, seed.radius, seed.hue) };
    }
    unsafe { show_count(petals) };
}

#[no_mangle]
pub extern "C" fn add_petal() {
    PETALS.fetch_add(1, Ordering::Relaxed);
    draw();
}

/// The state as a number, for the code that comes after this one.
#[no_mangle]
pub extern "C" fn save() -> u32 {
    PETALS.load(Ordering::Relaxed)
}

#[no_mangle]
pub extern "C" fn restore(state: u32) {
    PETALS.store(state, Ordering::Relaxed);
}

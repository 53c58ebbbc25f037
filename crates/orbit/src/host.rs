// SPDX-License-Identifier: MIT
//! The border to the page: what it gives, and buffers that go across. Elsewhere than in wasm there
//! is no page; then messages go to the terminal, and events nowhere.

use std::cell::UnsafeCell;
use std::fmt;

#[cfg(target_arch = "wasm32")]
mod imports {
    #[link(wasm_import_module = "orbit")]
    extern "C" {
        pub fn log(level: u32, ptr: *const u8, len: u32);
        pub fn emit(id: u32, name: *const u8, name_len: u32, ptr: *const u8, len: u32);
        pub fn request_update(id: u32);
    }
}

#[cfg(target_arch = "wasm32")]
pub fn log(level: u32, text: &str) {
    unsafe { imports::log(level, text.as_ptr(), text.len() as u32) }
}

#[cfg(not(target_arch = "wasm32"))]
pub fn log(level: u32, text: &str) {
    if level == 0 {
        std::println!("{}", text);
    } else {
        std::eprintln!("{}", text);
    }
}

#[cfg(target_arch = "wasm32")]
pub fn emit(id: u32, name: &str, detail: &[u8]) {
    let (ptr, len) = (detail.as_ptr(), detail.len() as u32);
    unsafe { imports::emit(id, name.as_ptr(), name.len() as u32, ptr, len) }
}

#[cfg(not(target_arch = "wasm32"))]
pub fn emit(_id: u32, _name: &str, _detail: &[u8]) {}

#[cfg(target_arch = "wasm32")]
pub fn request_update(id: u32) {
    unsafe { imports::request_update(id) }
}

#[cfg(not(target_arch = "wasm32"))]
pub fn request_update(_id: u32) {}

/// 0 log, 1 warning, 2 error.
pub fn print(level: u32, args: fmt::Arguments) {
    log(level, &args.to_string());
}

/// Memory for the page to write an argument into.
pub fn alloc(len: usize) -> *mut u8 {
    let mut bytes = Vec::<u8>::with_capacity(len.max(1));
    let ptr = bytes.as_mut_ptr();
    std::mem::forget(bytes);
    ptr
}

/// # Safety
/// `ptr` is of alloc() with the same length, and not free yet.
pub unsafe fn free(ptr: *mut u8, len: usize) {
    drop(Vec::from_raw_parts(ptr, 0, len.max(1)));
}

struct Kept(UnsafeCell<Vec<u8>>);

// Only result_of() touches it, and in wasm there is one thread.
unsafe impl Sync for Kept {}

static KEPT: Kept = Kept(UnsafeCell::new(Vec::new()));

/// Keeps the bytes until the next call, and says where they are: address | length << 32.
pub fn result_of(bytes: Vec<u8>) -> u64 {
    let kept = unsafe { &mut *KEPT.0.get() };
    *kept = bytes;
    (kept.as_ptr() as usize as u32) as u64 | (kept.len() as u64) << 32
}

// SPDX-License-Identifier: MIT
//! What a component of an `.orbit` file in Rust needs: the traits that it implements, state that
//! asks for a rendering when it changes, events to the parent, and, in [`export`], what the
//! generated code calls.
//!
//! The page drives the module through the functions that `exports!` defines. The invariant: the
//! host never calls into the module while a call runs; events that a component emits are delivered
//! when it has returned.

mod component;
mod event;
mod host;
mod instance;
mod kinds;
mod restore;
mod shared;
mod show;
mod value;
mod wire;

pub use component::{Component, Props, State};
pub use event::{emit, request_update, Event};
pub use orbit_macros::Props;
pub use value::Value;

/// What a code block imports: `use orbit::prelude::*;`
pub mod prelude {
    pub use crate::component::{Component, Props, State};
    pub use crate::event::{emit, request_update, Event};
    pub use crate::value::Value;
    pub use orbit_macros::Props;
}

/// What generated code uses. No promises are made about it.
#[doc(hidden)]
pub mod export {
    pub use crate::event::{model, Event};
    pub use crate::host::{alloc, free, print, result_of};
    pub use crate::instance::*;
    pub use crate::restore::*;
    pub use crate::show::*;
    pub use crate::value::Value;
    pub use crate::wire::{ToWire, Writer};
}

/// As the standard library's, but into the console of the browser.
#[macro_export]
macro_rules! println {
    ($($arg:tt)*) => { $crate::export::print(0, ::core::format_args!($($arg)*)) };
}

/// As the standard library's, but a message of its own in the console of the browser.
#[macro_export]
macro_rules! print {
    ($($arg:tt)*) => { $crate::export::print(0, ::core::format_args!($($arg)*)) };
}

/// As the standard library's, but an error in the console of the browser.
#[macro_export]
macro_rules! eprintln {
    ($($arg:tt)*) => { $crate::export::print(2, ::core::format_args!($($arg)*)) };
}

/// As the standard library's, but an error of its own in the console of the browser.
#[macro_export]
macro_rules! eprint {
    ($($arg:tt)*) => { $crate::export::print(2, ::core::format_args!($($arg)*)) };
}

/// Defines the functions of the wasm module for a list of entries, each of a generated module.
#[doc(hidden)]
#[macro_export]
macro_rules! exports {
    ($($entry:path),* $(,)?) => {
        static ORBIT_ENTRIES: &[&$crate::export::Entry] = &[$(&$entry),*];

        #[no_mangle]
        pub extern "C" fn orbit_alloc(len: u32) -> *mut u8 {
            $crate::export::alloc(len as usize)
        }

        #[no_mangle]
        pub unsafe extern "C" fn orbit_free(ptr: *mut u8, len: u32) {
            $crate::export::free(ptr, len as usize)
        }

        #[no_mangle]
        pub extern "C" fn orbit_describe() -> u64 {
            $crate::export::result_of($crate::export::describe(ORBIT_ENTRIES))
        }

        #[no_mangle]
        pub unsafe extern "C" fn orbit_new(component: u32, ptr: *const u8, len: u32) -> u32 {
            $crate::export::create(ORBIT_ENTRIES, component, $crate::export::input(ptr, len))
        }

        #[no_mangle]
        pub unsafe extern "C" fn orbit_props(id: u32, ptr: *const u8, len: u32) {
            $crate::export::set_props(id, $crate::export::input(ptr, len))
        }

        #[no_mangle]
        pub extern "C" fn orbit_render(id: u32) -> u64 {
            $crate::export::result_of($crate::export::render(id))
        }

        #[no_mangle]
        pub unsafe extern "C" fn orbit_fill(
            id: u32,
            scope: u32,
            path: *const u8,
            path_len: u32,
            fills: *const u8,
            fills_len: u32,
        ) -> u64 {
            let path = $crate::export::input(path, path_len * 4);
            let fills = $crate::export::input(fills, fills_len);
            $crate::export::result_of($crate::export::fill(id, scope, path, fills))
        }

        #[no_mangle]
        pub unsafe extern "C" fn orbit_event(
            id: u32,
            handler: u32,
            path: *const u8,
            path_len: u32,
            event: *const u8,
            event_len: u32,
        ) {
            let path = $crate::export::input(path, path_len * 4);
            $crate::export::event(id, handler, path, $crate::export::input(event, event_len))
        }

        #[no_mangle]
        pub extern "C" fn orbit_hook(id: u32, which: u32) {
            $crate::export::hook(id, which)
        }

        #[no_mangle]
        pub extern "C" fn orbit_drop(id: u32) {
            $crate::export::drop_instance(id)
        }

        #[no_mangle]
        pub extern "C" fn orbit_save(id: u32) -> u64 {
            $crate::export::result_of($crate::export::save(id))
        }

        #[no_mangle]
        pub unsafe extern "C" fn orbit_restore(id: u32, ptr: *const u8, len: u32) -> u64 {
            let losses = $crate::export::restore(id, $crate::export::input(ptr, len));
            $crate::export::result_of(losses)
        }
    };
}

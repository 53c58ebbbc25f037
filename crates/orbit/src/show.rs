// SPDX-License-Identifier: MIT
//! How an expression of any type becomes a value, by autoref: a method call looks at the receiver
//! with the most references first, so each `&` too few would silently take a later form.
//!
//! ```text
//!     text, attributes   (&&&&Show(&x))   plain values, Display, structs and enums, Debug
//!     props of children  (&&&Give(&x))    all values, Display, Debug
//!     fields that stay   (&&Keep(&x))     all values, or none
//! ```

use crate::value::Value;
use crate::wire::{ToWire, Writer};
use std::fmt::{Debug, Display, Write};

/// Values of the standard library, which the page shows better than Display would.
pub trait Plain: ToWire {}

pub struct Show<'a, T: ?Sized>(pub &'a T);
pub struct Give<'a, T: ?Sized>(pub &'a T);
pub struct Keep<'a, T: ?Sized>(pub &'a T);

fn put_text(w: &mut Writer, args: std::fmt::Arguments) {
    let mut text = String::new();
    let _ = text.write_fmt(args);
    w.str(&text);
}

macro_rules! level {
    ($name:ident, $method:ident, [$($bound:tt)*], $target:ty, $w:ident, $it:ident, $put:expr) => {
        pub trait $name {
            fn $method(&self, w: &mut Writer);
        }

        impl<T: $($bound)* + ?Sized> $name for $target {
            fn $method(&self, $w: &mut Writer) {
                let $it = self.0;
                $put
            }
        }
    };
}

level!(ShowPlain, orbit_show, [Plain], &&&Show<'_, T>, w, it, it.put(w));
level!(ShowDisplay, orbit_show, [Display], &&Show<'_, T>, w, it, put_text(w, format_args!("{}", it)));
level!(ShowWire, orbit_show, [ToWire], &Show<'_, T>, w, it, it.put(w));
level!(ShowDebug, orbit_show, [Debug], Show<'_, T>, w, it, put_text(w, format_args!("{:?}", it)));

level!(GiveWire, orbit_give, [ToWire], &&Give<'_, T>, w, it, it.put(w));
level!(GiveDisplay, orbit_give, [Display], &Give<'_, T>, w, it, put_text(w, format_args!("{}", it)));
level!(GiveDebug, orbit_give, [Debug], Give<'_, T>, w, it, put_text(w, format_args!("{:?}", it)));

level!(KeepWire, orbit_keep, [ToWire], &Keep<'_, T>, w, it, it.put(w));

pub trait KeepAny {
    fn orbit_keep(&self, w: &mut Writer);
}

impl<T: ?Sized> KeepAny for Keep<'_, T> {
    /// A value that fits no type, so that the field is named when it is to be restored.
    fn orbit_keep(&self, w: &mut Writer) {
        w.variant("", "");
        w.none();
    }
}

/// Whether the value stands for one without a form, or has one in it.
pub fn is_unkept(value: &Value) -> bool {
    match value {
        Value::Variant(kind, variant, _) if kind.is_empty() && variant.is_empty() => true,
        Value::Variant(_, _, payload) => is_unkept(payload),
        Value::List(items) => items.iter().any(is_unkept),
        Value::Record(_, fields) => fields.iter().any(|field| is_unkept(&field.1)),
        Value::Map(pairs) => pairs.iter().any(|(key, value)| is_unkept(key) || is_unkept(value)),
        _ => false,
    }
}

/// A condition of a template.
pub fn truth<T: ToWire + ?Sized>(value: &T) -> bool {
    value.truth()
}

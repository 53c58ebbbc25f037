// SPDX-License-Identifier: MIT
//! The forms of the standard library's types, and what converts into what.

use crate::event::Event;
use crate::restore::{FromWire, Losses};
use crate::shared;
use crate::show::Plain;
use crate::value::Value;
use crate::wire::{ToWire, Writer};
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::hash::{BuildHasher, Hash};
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

macro_rules! integers {
    ($($t:ty),*) => {$(
        impl ToWire for $t {
            fn put(&self, w: &mut Writer) {
                if let Ok(n) = i64::try_from(*self) {
                    w.int(n);
                } else if let Ok(n) = u64::try_from(*self) {
                    w.uint(n);
                } else {
                    w.str(&self.to_string());
                }
            }

            fn truth(&self) -> bool {
                *self != 0
            }
        }

        impl Plain for $t {}

        impl FromWire for $t {
            fn from_wire(value: &Value, _: &mut Losses) -> Option<Self> {
                match value {
                    Value::Int(n) => <$t>::try_from(*n).ok(),
                    Value::UInt(n) => <$t>::try_from(*n).ok(),
                    Value::Float(_) => value.as_i64().and_then(|n| <$t>::try_from(n).ok()),
                    Value::Str(s) => s.trim().parse().ok(),
                    _ => None,
                }
            }
        }
    )*};
}
integers!(i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize);

macro_rules! floats {
    ($($t:ty, $put:expr);*) => {$(
        impl ToWire for $t {
            fn put(&self, w: &mut Writer) {
                let put: fn($t) -> f64 = $put;
                w.float(put(*self));
            }

            fn truth(&self) -> bool {
                *self != 0.0 && !self.is_nan()
            }
        }

        impl Plain for $t {}

        impl FromWire for $t {
            fn from_wire(value: &Value, _: &mut Losses) -> Option<Self> {
                match value {
                    Value::Str(s) => s.trim().parse().ok(),
                    other => other.as_f64().map(|n| n as $t),
                }
            }
        }
    )*};
}
// 0.1f32 is 0.1 to a reader, and not 0.10000000149011612.
floats!(f32, |n| n.to_string().parse().unwrap_or(n as f64); f64, |n| n);

impl ToWire for bool {
    fn put(&self, w: &mut Writer) {
        w.bool(*self);
    }

    fn truth(&self) -> bool {
        *self
    }
}

impl FromWire for bool {
    fn from_wire(value: &Value, _: &mut Losses) -> Option<Self> {
        match value {
            Value::Bool(b) => Some(*b),
            // An attribute without a value is set.
            Value::Str(s) => match &**s {
                "" | "true" => Some(true),
                "false" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    fn model_value(event: &Event) -> Value {
        Value::Bool(event.checked)
    }
}

impl ToWire for char {
    fn put(&self, w: &mut Writer) {
        w.str(self.encode_utf8(&mut [0; 4]));
    }
}

impl FromWire for char {
    fn from_wire(value: &Value, _: &mut Losses) -> Option<Self> {
        let mut chars = value.as_str()?.chars();
        chars.next().filter(|_| chars.next().is_none())
    }
}

impl ToWire for str {
    fn put(&self, w: &mut Writer) {
        w.str(self);
    }

    fn truth(&self) -> bool {
        !self.is_empty()
    }
}

impl ToWire for String {
    fn put(&self, w: &mut Writer) {
        w.str(self);
    }

    fn truth(&self) -> bool {
        !self.is_empty()
    }
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Str(s) => Some(s.clone()),
        Value::Bool(_) | Value::Int(_) | Value::UInt(_) | Value::Float(_) => {
            Some(value.to_string())
        }
        _ => None,
    }
}

impl FromWire for String {
    fn from_wire(value: &Value, _: &mut Losses) -> Option<Self> {
        text_of(value)
    }
}

impl FromWire for &'static str {
    fn from_wire(value: &Value, _: &mut Losses) -> Option<Self> {
        // It lives as long as the module, as a literal would.
        text_of(value).map(|s| &*Box::leak(s.into_boxed_str()))
    }

    fn patch(&mut self, value: &Value, losses: &mut Losses) -> bool {
        value.as_str() == Some(*self) || Self::from_wire(value, losses).map(|s| *self = s).is_some()
    }
}

impl ToWire for Cow<'_, str> {
    fn put(&self, w: &mut Writer) {
        w.str(self);
    }

    fn truth(&self) -> bool {
        !self.is_empty()
    }
}

impl FromWire for Cow<'static, str> {
    fn from_wire(value: &Value, _: &mut Losses) -> Option<Self> {
        text_of(value).map(Cow::Owned)
    }
}

impl ToWire for () {
    fn put(&self, w: &mut Writer) {
        w.none();
    }

    fn truth(&self) -> bool {
        false
    }
}

impl FromWire for () {
    fn from_wire(_: &Value, _: &mut Losses) -> Option<Self> {
        Some(())
    }
}

impl<T: ?Sized> ToWire for PhantomData<T> {
    fn put(&self, w: &mut Writer) {
        w.none();
    }
}

impl<T: ?Sized + 'static> FromWire for PhantomData<T> {
    fn from_wire(_: &Value, _: &mut Losses) -> Option<Self> {
        Some(PhantomData)
    }
}

impl FromWire for Value {
    fn from_wire(value: &Value, _: &mut Losses) -> Option<Self> {
        Some(value.clone())
    }
}

macro_rules! plain {
    ($($t:ty),*) => {$( impl Plain for $t {} )*};
}
plain!(bool, char, str, String, Cow<'_, str>, (), Value);

macro_rules! behind {
    ($([$($param:tt)*] $t:ty),*) => {$(
        impl<$($param)* T: ToWire + ?Sized> ToWire for $t {
            fn put(&self, w: &mut Writer) {
                w.nested(|w| (**self).put(w));
            }

            fn truth(&self) -> bool {
                (**self).truth()
            }
        }

        impl<$($param)* T: Plain + ?Sized> Plain for $t {}
    )*};
}
behind!(['a,] &'a T, ['a,] &'a mut T, [] Box<T>);

macro_rules! shared {
    ($($t:ident),*) => {$(
        impl<T: ToWire + ?Sized> ToWire for $t<T> {
            fn put(&self, w: &mut Writer) {
                let put = |w: &mut Writer| (**self).put(w);
                if $t::strong_count(self) > 1 || $t::weak_count(self) > 0 {
                    w.shared($t::as_ptr(self) as *const () as usize, Some(&put));
                } else {
                    w.nested(put);
                }
            }

            fn truth(&self) -> bool {
                (**self).truth()
            }
        }

        impl<T: Plain + ?Sized> Plain for $t<T> {}
    )*};
}
shared!(Rc, Arc);

impl<T: FromWire> FromWire for Box<T> {
    fn from_wire(value: &Value, losses: &mut Losses) -> Option<Self> {
        T::from_wire(value, losses).map(Box::new)
    }

    fn patch(&mut self, value: &Value, losses: &mut Losses) -> bool {
        (**self).patch(value, losses)
    }
}

macro_rules! pointers {
    ($($t:ident, $weak:ty);*) => {$(
        impl<T: FromWire> FromWire for $t<T> {
            fn from_wire(value: &Value, losses: &mut Losses) -> Option<Self> {
                let l = RefCell::new(losses);
                shared::one(
                    value,
                    || T::from_wire(value, &mut l.borrow_mut()).map($t::new),
                    |there: &Self| {
                        (**there).patch_shared(value, &mut l.borrow_mut());
                    },
                )
            }

            // What code of `new` shares stays shared: only a cell in it can take the value.
            fn patch(&mut self, value: &Value, losses: &mut Losses) -> bool {
                let l = RefCell::new(losses);
                let now = &mut *self;
                let made = shared::one(
                    value,
                    || {
                        let l = &mut l.borrow_mut();
                        let fits = match $t::get_mut(now) {
                            Some(inner) => inner.patch(value, l),
                            None => (**now).patch_shared(value, l),
                        };
                        if fits {
                            Some(now.clone())
                        } else {
                            T::from_wire(value, l).map($t::new)
                        }
                    },
                    |there: &Self| {
                        (**there).patch_shared(value, &mut l.borrow_mut());
                    },
                );
                made.map(|made| *self = made).is_some()
            }
        }

        impl<T: ToWire> ToWire for $weak {
            fn put(&self, w: &mut Writer) {
                match self.upgrade() {
                    Some(there) => w.shared($t::as_ptr(&there) as *const () as usize, None),
                    None => w.none(),
                }
            }

            fn truth(&self) -> bool {
                self.upgrade().is_some()
            }
        }

        impl<T: FromWire> FromWire for $weak {
            fn from_wire(value: &Value, _: &mut Losses) -> Option<Self> {
                let there: Option<$t<T>> = shared::target(value)?;
                Some(there.map_or_else(Self::new, |there| $t::downgrade(&there)))
            }
        }
    )*};
}
pointers!(Rc, std::rc::Weak<T>; Arc, std::sync::Weak<T>);

macro_rules! shared_texts {
    ($($t:ident),*) => {$(
        impl FromWire for $t<str> {
            fn from_wire(value: &Value, _: &mut Losses) -> Option<Self> {
                shared::one(value, || text_of(value).map($t::from), |_| {})
            }
        }
    )*};
}
shared_texts!(Box, Rc, Arc);

impl<T: ToWire> ToWire for RefCell<T> {
    fn put(&self, w: &mut Writer) {
        match self.try_borrow() {
            Ok(inner) => w.nested(|w| inner.put(w)),
            Err(_) => w.none(),
        }
    }

    fn truth(&self) -> bool {
        self.try_borrow().map_or(false, |inner| inner.truth())
    }
}

impl<T: FromWire> FromWire for RefCell<T> {
    fn from_wire(value: &Value, losses: &mut Losses) -> Option<Self> {
        T::from_wire(value, losses).map(RefCell::new)
    }

    fn patch(&mut self, value: &Value, losses: &mut Losses) -> bool {
        self.get_mut().patch(value, losses)
    }

    fn patch_shared(&self, value: &Value, losses: &mut Losses) -> bool {
        self.try_borrow_mut().map_or(false, |mut inner| inner.patch(value, losses))
    }
}

impl<T: ToWire + Copy> ToWire for Cell<T> {
    fn put(&self, w: &mut Writer) {
        self.get().put(w);
    }

    fn truth(&self) -> bool {
        self.get().truth()
    }
}

impl<T: FromWire> FromWire for Cell<T> {
    fn from_wire(value: &Value, losses: &mut Losses) -> Option<Self> {
        T::from_wire(value, losses).map(Cell::new)
    }

    fn patch_shared(&self, value: &Value, losses: &mut Losses) -> bool {
        T::from_wire(value, losses).map(|new| self.set(new)).is_some()
    }
}

impl<T: ToWire> ToWire for Mutex<T> {
    fn put(&self, w: &mut Writer) {
        match self.try_lock() {
            Ok(inner) => w.nested(|w| inner.put(w)),
            Err(_) => w.none(),
        }
    }
}

impl<T: FromWire> FromWire for Mutex<T> {
    fn from_wire(value: &Value, losses: &mut Losses) -> Option<Self> {
        T::from_wire(value, losses).map(Mutex::new)
    }

    fn patch_shared(&self, value: &Value, losses: &mut Losses) -> bool {
        self.try_lock().map_or(false, |mut inner| inner.patch(value, losses))
    }
}

impl<T: Plain> Plain for RefCell<T> {}
impl<T: Plain + Copy> Plain for Cell<T> {}
impl<T: Plain> Plain for Mutex<T> {}

impl<T: ToWire> ToWire for Option<T> {
    fn put(&self, w: &mut Writer) {
        match self {
            Some(inner) => inner.put(w),
            None => w.none(),
        }
    }

    fn truth(&self) -> bool {
        self.as_ref().map_or(false, ToWire::truth)
    }
}

impl<T: Plain> Plain for Option<T> {}

impl<T: FromWire> FromWire for Option<T> {
    fn from_wire(value: &Value, losses: &mut Losses) -> Option<Self> {
        match value {
            Value::None => Some(None),
            other => T::from_wire(other, losses).map(Some),
        }
    }

    fn model_value(event: &Event) -> Value {
        match T::model_value(event) {
            Value::Str(s) if s.is_empty() => Value::None,
            other => other,
        }
    }
}

impl<T: ToWire, E: ToWire> ToWire for Result<T, E> {
    fn put(&self, w: &mut Writer) {
        w.nested(|w| {
            w.variant("Result", if self.is_ok() { "Ok" } else { "Err" });
            w.list(1);
            match self {
                Ok(inner) => inner.put(w),
                Err(inner) => inner.put(w),
            }
        });
    }

    fn truth(&self) -> bool {
        self.is_ok()
    }
}

impl<T: FromWire, E: FromWire> FromWire for Result<T, E> {
    fn from_wire(value: &Value, losses: &mut Losses) -> Option<Self> {
        match value {
            Value::Variant(_, variant, payload) if variant == "Ok" => {
                T::from_wire(payload.items().get(0)?, losses).map(Ok)
            }
            Value::Variant(_, variant, payload) if variant == "Err" => {
                E::from_wire(payload.items().get(0)?, losses).map(Err)
            }
            _ => None,
        }
    }
}

fn put_list<'a, T: ToWire + 'a>(w: &mut Writer, n: usize, items: impl Iterator<Item = &'a T>) {
    w.nested(|w| {
        w.list(n);
        items.for_each(|item| item.put(w));
    });
}

/// The items that fit; what does not has named its loss or is one.
fn items_of<T: FromWire, L>(value: &Value, losses: &mut Losses) -> Option<L>
where
    L: FromIterator<T>,
{
    let items = match value {
        Value::List(items) => items,
        _ => return None,
    };
    let before = losses.items.len();
    let made: Vec<Option<T>> = items.iter().map(|item| T::from_wire(item, losses)).collect();
    let lost = made.iter().filter(|item| item.is_none()).count();
    let is_all = lost == made.len();
    // Of a list that does not fit as a whole its field is named, unless an item has named a part of it.
    if lost > 0 && (!is_all || losses.items.len() > before) {
        let kind = std::any::type_name::<T>().rsplit("::").next().unwrap_or("");
        losses.add(format!("{} of {} items do not fit {}", lost, made.len(), kind));
    }
    if is_all && lost > 0 {
        return None;
    }
    Some(made.into_iter().flatten().collect())
}

impl<T: ToWire> ToWire for [T] {
    fn put(&self, w: &mut Writer) {
        put_list(w, self.len(), self.iter());
    }
}

impl<T: ToWire, const N: usize> ToWire for [T; N] {
    fn put(&self, w: &mut Writer) {
        put_list(w, N, self.iter());
    }
}

impl<T: FromWire, const N: usize> FromWire for [T; N] {
    fn from_wire(value: &Value, losses: &mut Losses) -> Option<Self> {
        items_of::<T, Vec<T>>(value, losses)?.try_into().ok()
    }

    fn patch(&mut self, value: &Value, losses: &mut Losses) -> bool {
        let items = value.items();
        for (to, from) in self.iter_mut().zip(items) {
            to.patch(from, losses);
        }
        matches!(value, Value::List(_))
    }
}

impl<T: Plain> Plain for [T] {}
impl<T: Plain, const N: usize> Plain for [T; N] {}

macro_rules! lists {
    ($($t:ident [$($param:tt)*] [$($bound:tt)*] $full:ty),*) => {$(
        impl<T: ToWire, $($param)*> ToWire for $full {
            fn put(&self, w: &mut Writer) {
                put_list(w, self.len(), self.iter());
            }
        }

        impl<T: Plain, $($param)*> Plain for $full {}

        impl<T: FromWire $($bound)*> FromWire for $t<T> {
            fn from_wire(value: &Value, losses: &mut Losses) -> Option<Self> {
                items_of::<T, Self>(value, losses)
            }

            fn model_value(event: &Event) -> Value {
                Value::Str(event.value.clone())
            }
        }
    )*};
}
lists!(
    Vec [] [] Vec<T>,
    VecDeque [] [] VecDeque<T>,
    HashSet [S: BuildHasher] [+ Eq + Hash] HashSet<T, S>,
    BTreeSet [] [+ Ord] BTreeSet<T>
);

macro_rules! maps {
    ($($t:ident [$($param:tt)*] [$($bound:tt)*] $full:ty),*) => {$(
        impl<K: ToWire, V: ToWire, $($param)*> ToWire for $full {
            fn put(&self, w: &mut Writer) {
                w.nested(|w| {
                    w.map(self.len());
                    for (key, value) in self {
                        key.put(w);
                        value.put(w);
                    }
                });
            }
        }

        impl<K: Plain, V: Plain, $($param)*> Plain for $full {}

        impl<K: FromWire $($bound)*, V: FromWire> FromWire for $t<K, V> {
            fn from_wire(value: &Value, losses: &mut Losses) -> Option<Self> {
                pairs_of(value, losses).map(|pairs| pairs.into_iter().collect())
            }
        }
    )*};
}
maps!(
    HashMap [S: BuildHasher] [+ Eq + Hash] HashMap<K, V, S>,
    BTreeMap [] [+ Ord] BTreeMap<K, V>
);

fn pairs_of<K: FromWire, V: FromWire>(value: &Value, losses: &mut Losses) -> Option<Vec<(K, V)>> {
    let mut lost = 0;
    let mut pair = |key: &Value, value: &Value, losses: &mut Losses| {
        let made = K::from_wire(key, losses).zip(V::from_wire(value, losses));
        lost += made.is_none() as usize;
        made
    };
    let pairs: Vec<_> = match value {
        Value::Map(pairs) => pairs.iter().filter_map(|p| pair(&p.0, &p.1, losses)).collect(),
        Value::Record(_, fields) => fields
            .iter()
            .filter_map(|f| pair(&Value::Str(f.0.clone()), &f.1, losses))
            .collect(),
        _ => return None,
    };
    if lost > 0 && pairs.is_empty() {
        return None;
    }
    if lost > 0 {
        losses.add(format!("{} entries do not fit the new type of a map", lost));
    }
    Some(pairs)
}

macro_rules! tuples {
    ($(($($t:ident $i:tt),*) $n:expr;)*) => {$(
        impl<$($t: ToWire),*> ToWire for ($($t,)*) {
            fn put(&self, w: &mut Writer) {
                w.nested(|w| {
                    w.list($n);
                    $( self.$i.put(w); )*
                });
            }
        }

        impl<$($t: Plain),*> Plain for ($($t,)*) {}

        impl<$($t: FromWire),*> FromWire for ($($t,)*) {
            fn from_wire(value: &Value, losses: &mut Losses) -> Option<Self> {
                let items = value.items();
                if items.len() != $n {
                    return None;
                }
                Some(($( $t::from_wire(&items[$i], losses)?, )*))
            }
        }
    )*};
}
tuples! {
    (A 0) 1;
    (A 0, B 1) 2;
    (A 0, B 1, C 2) 3;
    (A 0, B 1, C 2, D 3) 4;
    (A 0, B 1, C 2, D 3, E 4) 5;
    (A 0, B 1, C 2, D 3, E 4, F 5) 6;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_that_are_lost_are_counted_also_if_it_is_all_of_them() {
        let pair = |second: &str| Value::List(vec![Value::Int(1), Value::Str(second.to_string())]);
        let mut losses = Losses::default();

        let made = Vec::<[u8; 2]>::from_wire(&Value::List(vec![pair("x")]), &mut losses);

        assert!(made.is_none());
        assert_eq!(losses.items, ["1 of 2 items do not fit u8", "1 of 1 items do not fit [u8; 2]"]);
        assert_eq!(Vec::<[u8; 2]>::from_wire(&Value::List(vec![pair("2")]), &mut losses), Some(vec![[1, 2]]));
    }
}

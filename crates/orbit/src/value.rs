// SPDX-License-Identifier: MIT
//! A value whose type is known when the program runs only: of an event, of a snapshot.

use crate::restore::{FromWire, Losses};
use crate::wire::{ToWire, Writer};
use std::fmt;
use std::ops::{Index, Not};

/// Any value that crosses the border between the page and the module.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    None,
    Bool(bool),
    Int(i64),
    /// Only what does not fit Int.
    UInt(u64),
    Float(f64),
    Str(String),
    List(Vec<Value>),
    Record(String, Vec<(String, Value)>),
    Map(Vec<(Value, Value)>),
    Variant(String, String, Box<Value>),
    Bytes(Vec<u8>),
}

impl Value {
    pub fn is_none(&self) -> bool {
        matches!(self, Value::None)
    }

    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Str(s) => Some(s),
            _ => None,
        }
    }

    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Value::Int(n) => Some(*n),
            Value::UInt(n) => i64::try_from(*n).ok(),
            Value::Float(n) if n.fract() == 0.0 && n.abs() < 9.0e18 => Some(*n as i64),
            _ => None,
        }
    }

    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Value::Int(n) => Some(*n as f64),
            Value::UInt(n) => Some(*n as f64),
            Value::Float(n) => Some(*n),
            _ => None,
        }
    }

    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(b) => Some(*b),
            _ => None,
        }
    }

    /// As the type that is asked for. Panics if it is of another.
    pub fn to<T: FromWire>(&self) -> T {
        T::from_wire(self, &mut Losses::default())
            .unwrap_or_else(|| panic!("{:?} is no {}", self, std::any::type_name::<T>()))
    }

    /// The items of a list; none of anything else.
    pub fn items(&self) -> &[Value] {
        match self {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// A field of a record or map, or `Value::None`.
    pub fn get(&self, name: &str) -> &Value {
        let found = match self {
            Value::Record(_, fields) => fields.iter().find(|f| f.0 == name).map(|f| &f.1),
            Value::Map(pairs) => pairs.iter().find(|p| p.0.as_str() == Some(name)).map(|p| &p.1),
            _ => None,
        };
        found.unwrap_or(&Value::None)
    }
}

impl Index<&str> for Value {
    type Output = Value;

    fn index(&self, name: &str) -> &Value {
        self.get(name)
    }
}

impl Index<usize> for Value {
    type Output = Value;

    fn index(&self, i: usize) -> &Value {
        self.items().get(i).unwrap_or(&Value::None)
    }
}

impl<'a> IntoIterator for &'a Value {
    type Item = &'a Value;
    type IntoIter = std::slice::Iter<'a, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.items().iter()
    }
}

/// As in conditions: true for what is no truth.
impl Not for &Value {
    type Output = bool;

    fn not(self) -> bool {
        !self.truth()
    }
}

impl Not for Value {
    type Output = bool;

    fn not(self) -> bool {
        !self.truth()
    }
}

macro_rules! compare {
    ($($t:ty, $as:ident, |$n:ident| $own:expr);*) => {$(
        impl PartialEq<$t> for Value {
            fn eq(&self, $n: &$t) -> bool {
                self.$as() == Some($own)
            }
        }
    )*};
}
compare! {
    str, as_str, |s| s; &str, as_str, |s| *s; String, as_str, |s| &**s; bool, as_bool, |b| *b;
    i32, as_i64, |n| *n as i64; i64, as_i64, |n| *n; f64, as_f64, |n| *n
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::None => Ok(()),
            Value::Bool(b) => b.fmt(f),
            Value::Int(n) => n.fmt(f),
            Value::UInt(n) => n.fmt(f),
            Value::Float(n) => n.fmt(f),
            Value::Str(s) => s.fmt(f),
            Value::List(items) => {
                for (i, item) in items.iter().enumerate() {
                    write!(f, "{}{}", if i > 0 { "," } else { "" }, item)?;
                }
                Ok(())
            }
            Value::Variant(_, variant, _) => variant.fmt(f),
            other => write!(f, "{:?}", other),
        }
    }
}

impl ToWire for Value {
    fn put(&self, w: &mut Writer) {
        match self {
            Value::None => w.none(),
            Value::Bool(b) => w.bool(*b),
            Value::Int(n) => w.int(*n),
            Value::UInt(n) => w.uint(*n),
            Value::Float(n) => w.float(*n),
            Value::Str(s) => w.str(s),
            Value::List(items) => items.put(w),
            Value::Record(name, fields) => w.nested(|w| {
                w.record(name, fields.len());
                for (name, value) in fields {
                    w.field(name);
                    value.put(w);
                }
            }),
            Value::Map(pairs) => w.nested(|w| {
                w.map(pairs.len());
                for (key, value) in pairs {
                    key.put(w);
                    value.put(w);
                }
            }),
            Value::Variant(name, variant, payload) => w.nested(|w| {
                w.variant(name, variant);
                payload.put(w);
            }),
            Value::Bytes(bytes) => w.bytes(bytes),
        }
    }

    fn truth(&self) -> bool {
        match self {
            Value::None => false,
            Value::Bool(b) => *b,
            Value::Int(n) => *n != 0,
            Value::UInt(n) => *n != 0,
            Value::Float(n) => *n != 0.0 && !n.is_nan(),
            Value::Str(s) => !s.is_empty(),
            _ => true,
        }
    }
}

// SPDX-License-Identifier: MIT
//! From values back to fields, by name and type. A value that does not fit is a loss with a name,
//! never a failure: what is there already stays.

use crate::event::Event;
use crate::value::Value;
use std::marker::PhantomData;

/// More are not told: a list of thousands would say the same again and again.
const LOSSES_MAX: usize = 50;

/// What could not be kept, each as a sentence, each once.
#[derive(Default)]
pub struct Losses {
    pub items: Vec<String>,
    /// Props are read, not a snapshot: what is missing matters.
    pub of_props: bool,
    count: usize,
}

impl Losses {
    pub fn of_props() -> Self {
        Losses { of_props: true, ..Losses::default() }
    }

    pub fn add(&mut self, text: String) {
        self.count += 1;
        if self.items.len() < LOSSES_MAX && !self.items.contains(&text) {
            self.items.push(text);
        }
    }

    /// Names the fields of a snapshot that what was made of it has not.
    pub fn add_gone(&mut self, old: &Value, new: &Value) {
        match (old, new) {
            (Value::Record(owner, fields), Value::Record(..)) => {
                let there = Fields::of(new);
                for (name, value) in fields {
                    match there.as_ref().and_then(|f| f.get(name)) {
                        Some(now) => self.add_gone(value, now),
                        None => self.add(format!("{}.{}: the field is gone", owner, name)),
                    }
                }
            }
            (Value::List(old), Value::List(new)) => {
                old.iter().zip(new).for_each(|(old, new)| self.add_gone(old, new));
            }
            (Value::Variant(_, a, old), Value::Variant(_, b, new)) if a == b => {
                self.add_gone(old, new);
            }
            _ => {}
        }
    }

    /// Says that a field's value was lost, unless reading it has said so already.
    fn misfit(&mut self, before: usize, owner: &str, field: &str, kind: &str) {
        if self.count != before {
            return;
        }
        let kept = if self.of_props { "the value" } else { "kept value" };
        self.add(format!("{}.{}: {} does not fit {}", owner, field, kept, kind));
    }
}

/// A type that can be made from a value.
pub trait FromWire: Sized + 'static {
    fn from_wire(value: &Value, losses: &mut Losses) -> Option<Self>;

    /// Takes over what fits and leaves the rest as it is. False: nothing fits.
    fn patch(&mut self, value: &Value, losses: &mut Losses) -> bool {
        match Self::from_wire(value, losses) {
            Some(new) => {
                *self = new;
                true
            }
            None => false,
        }
    }

    /// The same through a shared reference, for cells. False: it cannot, or nothing fits.
    fn patch_shared(&self, _value: &Value, _losses: &mut Losses) -> bool {
        false
    }

    /// What o-model gives: the text of the field, or whether it is checked.
    fn model_value(event: &Event) -> Value {
        Value::Str(event.value.clone())
    }
}

/// The fields of a record, or the payload of a tuple under "0", "1".
pub struct Fields<'a> {
    fields: &'a [(String, Value)],
    items: &'a [Value],
}

fn letters(name: &str) -> impl Iterator<Item = char> + '_ {
    name.chars().filter(|c| *c != '-' && *c != '_').map(|c| c.to_ascii_lowercase())
}

impl<'a> Fields<'a> {
    /// None if the value has no fields.
    pub fn of(value: &'a Value) -> Option<Self> {
        match value {
            Value::Record(_, fields) => Some(Fields { fields, items: &[] }),
            Value::List(items) => Some(Fields { fields: &[], items }),
            Value::None => Some(Fields { fields: &[], items: &[] }),
            _ => None,
        }
    }

    /// Of a struct: a value without any of its fields is none of it.
    pub fn of_struct(value: &'a Value, names: &[&str]) -> Option<Self> {
        let fields = Fields::of(value)?;
        let known = names.is_empty()
            || names.iter().any(|name| fields.get(name).is_some())
            || fields.fields.is_empty() && fields.items.is_empty() && !value.is_none();
        if known {
            Some(fields)
        } else {
            None
        }
    }

    /// `item-count`, `itemCount` and `item_count` are one name.
    pub fn get(&self, name: &str) -> Option<&'a Value> {
        if let Ok(i) = name.parse::<usize>() {
            return self.items.get(i);
        }
        let exact = self.fields.iter().find(|f| f.0 == name);
        let found = exact.or_else(|| self.fields.iter().find(|f| letters(&f.0).eq(letters(name))));
        found.map(|f| &f.1)
    }
}

/// An enum's variant and its payload.
pub fn variant_of(value: &Value) -> Option<(&str, &Value)> {
    match value {
        Value::Variant(_, variant, payload) => Some((variant, payload)),
        Value::Str(s) => Some((s, &Value::None)),
        _ => None,
    }
}

/// Makes a field of any type, by autoref: `(&&&&Make::<T>::new()).orbit_make(...)` takes the first
/// of the traits below that T allows.
pub struct Make<T>(PhantomData<T>);

impl<T> Make<T> {
    pub fn new() -> Self {
        Make(PhantomData)
    }
}

/// The place of a field, for messages.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    pub owner: &'a str,
    pub field: &'a str,
    pub kind: &'a str,
}

impl Place<'_> {
    fn missing(&self, losses: &mut Losses) {
        if losses.of_props {
            losses.add(format!("{}.{}: the prop is missing", self.owner, self.field));
        } else {
            losses.add(format!("{}.{}: a new {} is not known", self.owner, self.field, self.kind));
        }
    }

    fn misfit(&self, before: usize, losses: &mut Losses) {
        losses.misfit(before, self.owner, self.field, self.kind);
    }

    fn foreign(&self, losses: &mut Losses) {
        let text = format!("{}.{}: a {} cannot be kept", self.owner, self.field, self.kind);
        losses.add(text);
    }
}

fn read<T: FromWire>(f: &Fields, p: Place, l: &mut Losses) -> Option<Option<T>> {
    let value = f.get(p.field)?;
    let before = l.count;
    let made = T::from_wire(value, l);
    if made.is_none() {
        p.misfit(before, l);
    }
    Some(made)
}

pub trait MakeAny<T> {
    fn orbit_make(&self, f: &Fields, p: Place, l: &mut Losses) -> Option<T>;
}
pub trait MakeDefault<T> {
    fn orbit_make(&self, f: &Fields, p: Place, l: &mut Losses) -> Option<T>;
}
pub trait MakeWire<T> {
    fn orbit_make(&self, f: &Fields, p: Place, l: &mut Losses) -> Option<T>;
}
pub trait MakeWireDefault<T> {
    fn orbit_make(&self, f: &Fields, p: Place, l: &mut Losses) -> Option<T>;
}

impl<T: FromWire + Default> MakeWireDefault<T> for &&&Make<T> {
    fn orbit_make(&self, f: &Fields, p: Place, l: &mut Losses) -> Option<T> {
        let made = read(f, p, l);
        if made.is_none() && l.of_props && !p.kind.starts_with("Option") && p.kind != "bool" {
            p.missing(l);
        }
        Some(made.flatten().unwrap_or_default())
    }
}

impl<T: FromWire> MakeWire<T> for &&Make<T> {
    fn orbit_make(&self, f: &Fields, p: Place, l: &mut Losses) -> Option<T> {
        let made = read(f, p, l);
        if made.is_none() {
            p.missing(l);
        }
        made.flatten()
    }
}

impl<T: Default> MakeDefault<T> for &Make<T> {
    fn orbit_make(&self, f: &Fields, p: Place, l: &mut Losses) -> Option<T> {
        if f.get(p.field).is_some() {
            p.foreign(l);
        }
        Some(T::default())
    }
}

impl<T> MakeAny<T> for Make<T> {
    fn orbit_make(&self, _: &Fields, p: Place, l: &mut Losses) -> Option<T> {
        p.foreign(l);
        None
    }
}

/// Overwrites a field of any type, by autoref: `(&&Patch::new(&self.f)).orbit_patch(&mut self.f)`.
pub struct Patch<T: ?Sized>(PhantomData<*const T>);

impl<T: ?Sized> Patch<T> {
    pub fn new(_: &T) -> Self {
        Patch(PhantomData)
    }
}

pub trait PatchWire<T: ?Sized> {
    fn orbit_patch(&self, to: &mut T, f: &Fields, p: Place, l: &mut Losses);
}
pub trait PatchAny<T: ?Sized> {
    fn orbit_patch(&self, to: &mut T, f: &Fields, p: Place, l: &mut Losses);
}

impl<T: FromWire> PatchWire<T> for &Patch<T> {
    fn orbit_patch(&self, to: &mut T, f: &Fields, p: Place, l: &mut Losses) {
        if let Some(value) = f.get(p.field) {
            let before = l.count;
            if !to.patch(value, l) {
                p.misfit(before, l);
            }
        }
    }
}

impl<T: ?Sized> PatchAny<T> for Patch<T> {
    fn orbit_patch(&self, _: &mut T, f: &Fields, p: Place, l: &mut Losses) {
        if f.get(p.field).is_some() {
            p.foreign(l);
        }
    }
}

// SPDX-License-Identifier: MIT
//! Values that several `Rc` (or `Arc`) share, in a snapshot: what was one is one again.
//!
//! On the wire the first of them is `Variant("*", number, value)`, each further one
//! `Variant("*", number, None)`, and a `Weak` is `Variant("*weak", number, None)`. Before a snapshot is given to the types these wrappings are taken
//! off, since a field may have become one that is not shared; which value stands for which number
//! is known meanwhile by the address of the value, which no longer moves.
//!
//! A `Weak` may be read before the `Rc` that it means is made. Then all is read a second time, when
//! each is there.

use crate::restore::{FromWire, Losses};
use crate::value::Value;
use std::any::{Any, TypeId};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

/// The kinds of the wrappings: no type has such a name.
pub const OWNER: &str = "*";
pub const WEAK: &str = "*weak";

/// Copies of shared values, for fields that do not share any more, are not made beyond that many.
const COPIES_MAX: usize = 10_000;

/// Numbers of the shared values that a snapshot has, by their addresses; and which are written.
#[derive(Default)]
pub struct Numbers {
    by_address: HashMap<usize, (u32, bool)>,
}

impl Numbers {
    /// The number of a value, and whether its value is to be written behind it.
    pub fn of(&mut self, address: usize, is_owner: bool) -> (String, bool) {
        let next = self.by_address.len() as u32;
        let entry = self.by_address.entry(address).or_insert((next, false));
        let is_first = is_owner && !entry.1;
        entry.1 |= is_owner;
        (entry.0.to_string(), is_first)
    }
}

fn number_of(value: &Value) -> Option<u32> {
    match value {
        Value::Variant(kind, number, _) if kind == OWNER || kind == WEAK => number.parse().ok(),
        _ => None,
    }
}

/// Stands where there is only a number.
fn nothing() -> Value {
    Value::Variant(OWNER.into(), String::new(), Box::new(Value::None))
}

fn children<'a>(value: &'a mut Value, mut act: impl FnMut(&'a mut Value)) {
    match value {
        Value::List(items) => items.iter_mut().for_each(act),
        Value::Record(_, fields) => fields.iter_mut().for_each(|field| act(&mut field.1)),
        Value::Map(pairs) => pairs.iter_mut().for_each(|(key, value)| {
            act(key);
            act(value);
        }),
        Value::Variant(_, _, payload) => act(payload),
        _ => {}
    }
}

/// The numbers of the shared values in a value, each as often as it stands there.
pub fn numbers_in(value: &Value) -> Vec<u32> {
    let mut ret: Vec<u32> = number_of(value).into_iter().collect();
    match value {
        Value::List(items) => items.iter().for_each(|item| ret.extend(numbers_in(item))),
        Value::Record(_, fields) => fields.iter().for_each(|field| ret.extend(numbers_in(&field.1))),
        Value::Map(pairs) => pairs.iter().for_each(|(key, value)| {
            ret.extend(numbers_in(key));
            ret.extend(numbers_in(value));
        }),
        Value::Variant(_, _, payload) => ret.extend(numbers_in(payload)),
        _ => {}
    }
    ret
}

#[derive(Default)]
struct Unwrapping {
    first: HashMap<u32, Value>, /* as they stand at the first place, with wrappings within */
    open: Vec<u32>,
    copies: usize,
    numbers: HashMap<*const Value, Vec<u32>>,
}

impl Unwrapping {
    fn take_off(&mut self, value: &mut Value) {
        let open = self.open.len();
        while let Some(number) = number_of(value) {
            let (is_weak, inner) = match std::mem::replace(value, Value::None) {
                Value::Variant(kind, _, inner) => (kind == WEAK, *inner),
                _ => (true, Value::None),
            };
            self.numbers.entry(value as *const Value).or_default().push(number);
            *value = match self.first.get(&number) {
                // A circle, or too much: what is shared is found by its number alone.
                _ if is_weak || self.open.contains(&number) || self.copies >= COPIES_MAX => nothing(),
                Some(first) => {
                    self.copies += 1;
                    first.clone()
                }
                None => {
                    self.first.insert(number, inner.clone());
                    inner
                }
            };
            self.open.push(number);
        }
        children(value, |child| self.take_off(child));
        self.open.truncate(open);
    }
}

/// The value without its wrappings.
pub fn plain(mut value: Value) -> Value {
    Unwrapping::default().take_off(&mut value);
    value
}

/// What is known while a snapshot is read.
#[derive(Default)]
struct Reading {
    numbers: HashMap<*const Value, Vec<u32>>,
    inside: Vec<*const Value>, /* values whose Rc is being made: the one of an Rc in it is the next */
    made: HashMap<(u32, TypeId), Box<dyn Any>>,
    is_again: bool,
    wants_again: bool,
    visited: HashSet<u32>, /* the second time */
}

thread_local! {
    static READING: RefCell<Option<Reading>> = RefCell::new(None);
}

fn reading<R>(act: impl FnOnce(&mut Reading) -> R) -> Option<R> {
    READING.with(|r| r.borrow_mut().as_mut().map(act))
}

/// Lets `read` read a snapshot, without its wrappings, once or twice.
pub fn read_all(mut value: Value, mut read: impl FnMut(&Value)) {
    let mut unwrapping = Unwrapping::default();
    unwrapping.take_off(&mut value);
    let numbers = unwrapping.numbers;
    READING.with(|r| *r.borrow_mut() = Some(Reading { numbers, ..Reading::default() }));
    read(&value);
    let wants_again = reading(|r| {
        r.is_again = true;
        r.wants_again
    });
    if wants_again == Some(true) {
        read(&value);
    }
    let done = READING.with(|r| r.borrow_mut().take());
    drop(done); // it may run the code of a person
}

fn number_at(value: &Value) -> Option<u32> {
    let at = value as *const Value;
    reading(|r| {
        let depth = r.inside.iter().filter(|each| **each == at).count();
        r.numbers.get(&at).and_then(|numbers| numbers.get(depth)).copied()
    })?
}

fn made<P: Clone + 'static>(number: u32) -> Option<P> {
    reading(|r| r.made.get(&(number, TypeId::of::<P>())).and_then(|p| p.downcast_ref::<P>()).cloned())?
}

fn within<R>(value: &Value, act: impl FnOnce() -> R) -> R {
    reading(|r| r.inside.push(value as *const Value));
    let ret = act();
    reading(|r| r.inside.pop());
    ret
}

/// A pointer that is one for all places of the same number: made by `make`, or taken from before.
/// `again` is run once for each when all is read a second time.
pub fn one<P: Clone + 'static>(
    value: &Value,
    make: impl FnOnce() -> Option<P>,
    again: impl FnOnce(&P),
) -> Option<P> {
    let number = match number_at(value) {
        Some(number) => number,
        None => return within(value, make),
    };
    if let Some(found) = made::<P>(number) {
        let is_due =
            *value != nothing() && reading(|r| r.is_again && r.visited.insert(number)) == Some(true);
        if is_due {
            within(value, || again(&found));
        }
        return Some(found);
    }
    let ret = within(value, make);
    if let Some(p) = ret.clone() {
        reading(|r| r.made.insert((number, TypeId::of::<P>()), Box::new(p)));
    }
    ret
}

/// What a Weak points to: `Some(None)` if that is nothing, or not made yet; None if it is not kept.
pub fn target<P: Clone + 'static>(value: &Value) -> Option<Option<P>> {
    let number = match number_at(value) {
        Some(number) => number,
        None => return Some(None),
    };
    let ret = made::<P>(number);
    if ret.is_none() {
        reading(|r| r.wants_again = true);
        return if reading(|r| r.is_again) == Some(true) { None } else { Some(None) };
    }
    Some(ret)
}

/// Overwrites what is there, as FromWire::patch, with what of it can be read.
pub fn patch_all<T: FromWire>(to: &mut T, value: Value, losses: &mut Losses) {
    read_all(value, |value| {
        to.patch(value, losses);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{decode, ToWire, Writer};
    use std::rc::Rc;

    type List = Rc<RefCell<Vec<List2>>>;
    struct List2(List);

    impl ToWire for List2 {
        fn put(&self, w: &mut Writer) {
            self.0.put(w);
        }
    }
    impl FromWire for List2 {
        fn from_wire(value: &Value, losses: &mut Losses) -> Option<Self> {
            List::from_wire(value, losses).map(List2)
        }
    }

    fn snapshot(of: &impl ToWire) -> Value {
        let mut w = Writer::of_snapshot();
        of.put(&mut w);
        decode(&w.bytes).unwrap()
    }

    fn read<T: FromWire>(value: Value) -> Option<T> {
        let mut ret = None;
        read_all(value, |value| ret = T::from_wire(value, &mut Losses::default()));
        ret
    }

    #[test]
    fn what_shares_itself_in_a_circle_ends() {
        let list = List::default();
        list.borrow_mut().push(List2(list.clone()));
        let value = snapshot(&list);
        assert_eq!(numbers_in(&value), [0, 0]);
        let _: Option<List> = read(value);
        list.borrow_mut().clear();
    }

    #[test]
    fn what_doubles_at_each_step_ends() {
        let mut list = List::default();
        for _ in 0..30 {
            let next = List::default();
            next.borrow_mut().push(List2(list.clone()));
            next.borrow_mut().push(List2(list));
            list = next;
        }
        let made: List = read(snapshot(&list)).unwrap();
        let inner = made.borrow();
        assert!(Rc::ptr_eq(&inner[0].0, &inner[1].0));
    }

    #[test]
    fn a_damaged_number_is_no_crash() {
        let of = |number: &str| Value::Variant(OWNER.into(), number.into(), Box::new(Value::Int(1)));
        for number in ["", "x", "-1", "4294967296", "7"] {
            let _: Option<Rc<RefCell<i32>>> = read(of(number));
        }
        assert_eq!(plain(of("7")), Value::Int(1));
    }
}

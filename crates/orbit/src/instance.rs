// SPDX-License-Identifier: MIT
//! The components of a module and their instances, as numbers.
//!
//! Instances are called through a pointer and not out of the borrowed table: their code may create
//! nothing in it, but a trap leaves a borrow behind for ever, and the page goes on after one. That
//! is sound since the host never calls into a call that runs.

use crate::component::Component;
use crate::event::Event;
use crate::host;
use crate::restore::{Fields, FromWire, Losses};
use crate::shared::{numbers_in, patch_all, plain};
use crate::show::is_unkept;
use crate::value::Value;
use crate::wire::{decode, ToWire, Writer};
use std::cell::{Cell, RefCell};


/// What is generated for a component.
pub trait Template: Component + ToWire + FromWire {
    fn render_slots(&self, w: &mut Writer);
    fn fill_slots(&self, scope: u32, path: &[u32], fills: &[Value], w: &mut Writer);
    fn handle(&mut self, handler: u32, path: &[u32], event: Event);
    fn props_of(value: &Value, losses: &mut Losses) -> Option<Self::Props>;
}

/// A component of the module.
pub struct Entry {
    pub name: &'static str,
    pub path: &'static str,
    pub table: &'static str,
    /// The generated file.
    pub file: &'static str,
    /// What it was made from: the .orbit file, and those of its `<code src>` and `<template src>`.
    pub sources: [&'static str; 3],
    /// How many of its first lines are those of which source.
    pub lines: (u32, usize),
    /// What stands behind these: line, column and end of it; which source; line and column there.
    pub places: &'static [(u32, u32, u32, usize, u32, u32)],
    pub make: fn(&Value) -> Box<dyn Instance>,
}

/// An instance of any component.
pub trait Instance {
    fn render(&self) -> Vec<u8>;
    fn fill(&self, scope: u32, path: &[u32], fills: &[Value]) -> Vec<u8>;
    fn event(&mut self, handler: u32, path: &[u32], event: Event);
    fn hook(&mut self, which: u32);
    fn props(&mut self, value: Value);
    fn save(&self) -> Vec<u8>;
    fn restore(&mut self, value: &Value) -> Vec<String>;
}

struct Holder<C: Template> {
    component: C,
    props: Value,
    /// As `new` made it: what nobody has changed since is the code's, and that may be new.
    initial: Value,
}

fn props_of<C: Template>(value: &Value) -> C::Props {
    let mut losses = Losses::of_props();
    let props = C::props_of(value, &mut losses);
    match props {
        Some(props) => {
            for text in &losses.items {
                host::log(1, text);
            }
            props
        }
        None => panic!("props that cannot be made: {}", losses.items.join("; ")),
    }
}

/// Makes an instance; the function of an entry.
pub fn make<C: Template>(value: &Value) -> Box<dyn Instance> {
    let component = C::new(props_of::<C>(value));
    let initial = saved(&component);
    Box::new(Holder { component, props: value.clone(), initial })
}

fn saved<C: Template>(component: &C) -> Value {
    let mut w = Writer::of_snapshot();
    component.put(&mut w);
    decode(&w.bytes).unwrap_or(Value::None)
}

type Field = (String, Value);

/// For each field the places of those that share something with it, itself among them.
fn sharing(fields: &[Field]) -> Vec<Vec<usize>> {
    let numbers: Vec<Vec<u32>> = fields.iter().map(|f| numbers_in(&f.1)).collect();
    let shares = |i: usize, k: usize| i == k || numbers[i].iter().any(|n| numbers[k].contains(n));
    (0..fields.len()).map(|i| (0..fields.len()).filter(|k| shares(i, *k)).collect()).collect()
}

/// The fields of `new` that `old` has otherwise, and those that share something with them.
fn changed(old: &Value, new: Value) -> Value {
    let (old, name, new) = match (old, new) {
        (Value::Record(_, old), Value::Record(name, new)) => (old, name, new),
        (_, new) => return new,
    };
    let (was, is) = (sharing(old), sharing(&new));
    let is_same = |i: usize, field: &Field| {
        let at = old.iter().position(|f| f.0 == field.0);
        at.map_or(false, |at| {
            let names = |fields: &[Field], shares: &[usize]| -> Vec<String> {
                shares.iter().map(|k| fields[*k].0.clone()).collect()
            };
            plain(old[at].1.clone()) == plain(field.1.clone())
                && names(old, &was[at]) == names(&new, &is[i])
        })
    };
    let mut counts: Vec<bool> =
        new.iter().enumerate().map(|(i, f)| is_unkept(&f.1) || !is_same(i, f)).collect();
    for _ in 0..new.len() {
        for i in 0..new.len() {
            counts[i] = is[i].iter().any(|k| counts[*k]);
        }
    }
    let all = new.into_iter().zip(counts);
    Value::Record(name, all.filter(|each| each.1).map(|each| each.0).collect())
}

impl<C: Template> Instance for Holder<C> {
    fn render(&self) -> Vec<u8> {
        let mut w = Writer::new();
        self.component.render_slots(&mut w);
        w.bytes
    }

    fn fill(&self, scope: u32, path: &[u32], fills: &[Value]) -> Vec<u8> {
        let mut w = Writer::new();
        self.component.fill_slots(scope, path, fills, &mut w);
        w.bytes
    }

    fn event(&mut self, handler: u32, path: &[u32], event: Event) {
        self.component.handle(handler, path, event);
    }

    fn hook(&mut self, which: u32) {
        match which {
            0 => self.component.mounted(),
            1 => self.component.updated(),
            2 => self.component.unmounted(),
            _ => {}
        }
    }

    fn props(&mut self, value: Value) {
        let old = std::mem::replace(&mut self.props, value);
        let props = props_of::<C>(&self.props);
        if !self.component.should_update(&props) {
            return;
        }
        if let Some(props) = self.component.set_props(props) {
            let before = saved(&C::new(props_of::<C>(&old)));
            let after = saved(&C::new(props));
            let mut losses = Losses::default();
            patch_all(&mut self.component, changed(&before, after), &mut losses);
        }
    }

    fn save(&self) -> Vec<u8> {
        let mut w = Writer::new();
        changed(&self.initial, saved(&self.component)).put(&mut w);
        w.bytes
    }

    fn restore(&mut self, value: &Value) -> Vec<String> {
        let mut losses = Losses::default();
        patch_all(&mut self.component, value.clone(), &mut losses);
        losses.add_gone(&plain(value.clone()), &plain(saved(&self.component)));
        losses.items
    }
}

thread_local! {
    static INSTANCES: RefCell<Vec<Option<Box<dyn Instance>>>> = RefCell::new(Vec::new());
    static CURRENT: Cell<u32> = Cell::new(0);
}

/// The instance whose code runs, or 0.
pub fn current() -> u32 {
    CURRENT.with(|c| c.get())
}

fn run_as<R>(id: u32, run: impl FnOnce() -> R) -> R {
    CURRENT.with(|c| c.set(id));
    let ret = run();
    CURRENT.with(|c| c.set(0));
    ret
}

fn with<R: Default>(id: u32, run: impl FnOnce(&mut dyn Instance) -> R) -> R {
    let found = INSTANCES.with(|all| -> Option<*mut dyn Instance> {
        let mut all = all.borrow_mut();
        let slot = all.get_mut((id as usize).wrapping_sub(1))?;
        slot.as_mut().map(|instance| &mut **instance as *mut dyn Instance)
    });
    match found {
        // No other reference exists: see the top of the file.
        Some(instance) => run_as(id, || run(unsafe { &mut *instance })),
        None => {
            host::log(1, &format!("no component has the number {}", id));
            R::default()
        }
    }
}

fn value_of(bytes: &[u8]) -> Value {
    decode(bytes).unwrap_or_else(|error| {
        host::log(2, &format!("a value of the page cannot be read: {}", error));
        Value::None
    })
}

/// # Safety
/// `ptr` and `len` are of a buffer that the host has written.
pub unsafe fn input<'a>(ptr: *const u8, len: u32) -> &'a [u8] {
    if len == 0 {
        &[]
    } else {
        std::slice::from_raw_parts(ptr, len as usize)
    }
}

impl Entry {
    /// Where a place of the generated file was written, if a person has written it.
    fn written(&self, line: u32, column: u32) -> Option<(&'static str, u32, u32)> {
        if line <= self.lines.0 {
            return Some((self.sources[self.lines.1], line, column));
        }
        // What panics may begin with the `self.` that was put before the code.
        let place = self.places.iter().find(|p| p.0 == line && column <= p.2)?;
        Some((self.sources[place.3], place.4, place.5 + column.saturating_sub(place.1)))
    }
}

fn install_hook(entries: &'static [&'static Entry]) {
    std::panic::set_hook(Box::new(move |info| {
        let place = info.location().map(|at| {
            let (line, column) = (at.line(), at.column());
            let entry = entries.iter().find(|e| e.file == at.file());
            let written = entry.and_then(|e| e.written(line, column));
            let (file, line, column) = written.unwrap_or((at.file(), line, column));
            format!("{}:{}:{}: ", file, line, column)
        });
        let payload = info.payload();
        let text = payload.downcast_ref::<&str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(|s| &**s));
        let text = text.unwrap_or("panic");
        host::log(2, &format!("{}{}", place.unwrap_or_default(), text));
    }));
}

/// The list of the components. Called first of all.
pub fn describe(entries: &'static [&'static Entry]) -> Vec<u8> {
    install_hook(entries);
    let mut w = Writer::new();
    w.list(entries.len());
    for entry in entries {
        w.record("Component", 3);
        for (name, text) in [("name", entry.name), ("path", entry.path), ("table", entry.table)] {
            w.field(name);
            w.str(text);
        }
    }
    w.bytes
}

/// The number of a new instance, or 0 if there is no such component.
pub fn create(entries: &'static [&'static Entry], component: u32, props: &[u8]) -> u32 {
    let entry = match entries.get(component as usize) {
        Some(entry) => entry,
        None => return 0,
    };
    let props = value_of(props);
    // The place is taken first, so that `new` runs under its number.
    let at = INSTANCES.with(|all| {
        let mut all = all.borrow_mut();
        all.push(None);
        all.len()
    });
    let instance = run_as(at as u32, || (entry.make)(&props));
    INSTANCES.with(|all| all.borrow_mut()[at - 1] = Some(instance));
    at as u32
}

pub fn set_props(id: u32, props: &[u8]) {
    let value = value_of(props);
    with(id, |instance| instance.props(value));
}

pub fn render(id: u32) -> Vec<u8> {
    with(id, |instance| instance.render())
}

fn indexes(path: &[u8]) -> Vec<u32> {
    path.chunks_exact(4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
}

/// The content of a slot, for the props that the child gives, outer ones first.
pub fn fill(id: u32, scope: u32, path: &[u8], fills: &[u8]) -> Vec<u8> {
    let fills = value_of(fills);
    with(id, |instance| instance.fill(scope, &indexes(path), fills.items()))
}

/// One of them, as the template names it.
pub fn fill_prop(props: &Value, name: &str) -> Value {
    Fields::of(props).and_then(|f| f.get(name)).cloned().unwrap_or(Value::None)
}

pub fn event(id: u32, handler: u32, path: &[u8], event: &[u8]) {
    let event = Event::from_value(&value_of(event));
    with(id, |instance| instance.event(handler, &indexes(path), event));
}

pub fn hook(id: u32, which: u32) {
    with(id, |instance| instance.hook(which));
}

/// Numbers are not given again: what comes late for a dropped instance finds nothing.
pub fn drop_instance(id: u32) {
    let dropped = INSTANCES.with(|all| {
        all.borrow_mut().get_mut((id as usize).wrapping_sub(1)).and_then(|slot| slot.take())
    });
    run_as(id, || drop(dropped));
}

pub fn save(id: u32) -> Vec<u8> {
    with(id, |instance| instance.save())
}

/// The losses, as a list of texts.
pub fn restore(id: u32, snapshot: &[u8]) -> Vec<u8> {
    let value = value_of(snapshot);
    let losses = with(id, |instance| instance.restore(&value));
    let mut w = Writer::new();
    losses.put(&mut w);
    w.bytes
}

/// Props of any type, by autoref: with a form on the wire, or with a default.
#[macro_export]
#[doc(hidden)]
macro_rules! props {
    ($component:ty, $value:expr, $losses:expr) => {{
        use $crate::export::{PropsDefault as _, PropsNone as _, PropsWire as _};
        (&&&$crate::export::PropsOf::<<$component as $crate::Component>::Props>::new())
            .orbit_props($value, $losses)
    }};
}

pub struct PropsOf<P>(std::marker::PhantomData<P>);

impl<P> PropsOf<P> {
    pub fn new() -> Self {
        PropsOf(std::marker::PhantomData)
    }
}

pub trait PropsWire<P> {
    fn orbit_props(&self, value: &Value, losses: &mut Losses) -> Option<P>;
}
pub trait PropsDefault<P> {
    fn orbit_props(&self, value: &Value, losses: &mut Losses) -> Option<P>;
}
pub trait PropsNone<P> {
    fn orbit_props(&self, value: &Value, losses: &mut Losses) -> Option<P>;
}

impl<P: FromWire> PropsWire<P> for &&PropsOf<P> {
    fn orbit_props(&self, value: &Value, losses: &mut Losses) -> Option<P> {
        P::from_wire(value, losses)
    }
}

impl<P: Default> PropsDefault<P> for &PropsOf<P> {
    fn orbit_props(&self, _: &Value, _: &mut Losses) -> Option<P> {
        Some(P::default())
    }
}

impl<P> PropsNone<P> for PropsOf<P> {
    fn orbit_props(&self, _: &Value, losses: &mut Losses) -> Option<P> {
        losses.add("the struct of the props must stand in an .orbit file, or have a Default".into());
        None
    }
}
